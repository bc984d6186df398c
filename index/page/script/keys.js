// keys.js: everything by the keyboard, and the list of keys that help shows.

const inList = [
  [["ArrowRight", "l"], "→ l", "next file", () => nextFile(1)],
  [["ArrowLeft", "h"], "← h", "file before", () => nextFile(-1)],
  [["ArrowDown", "j", "n"], "↓ j n", "next group", () => nextGroup(1)],
  [["ArrowUp", "p"], "↑ p", "group before", () => nextGroup(-1)],
  [["k"], "k", "keep", () => current && setMark(current, "keep")],
  [["g"], "g", "go", () => current && setMark(current, "go")],
  [["d"], "d", "different from the best one", () => current && setMark(current, "different")],
  [["a"], "a", "accept what is proposed for the group", () => current && accept([current.group])],
  [["u"], "u", "undo", undo],
  [["c", "Enter"], "c Enter", "compare with the best one", () => openCompare(current ?? shown[0]?.files[0])],
  [["s"], "s", "save decisions", save],
  [["/"], "/", "search", () => byId("search").focus()],
  [["t"], "t", "light or dark", changeTheme],
  [["?"], "?", "this help", openHelp],
];

const inCompare = [
  [["1"], "1", "side by side", () => setMode("beside")],
  [["2"], "2", "blink", () => setMode("blink")],
  [["3"], "3", "swipe", () => setMode("swipe")],
  [["4"], "4", "difference", () => setMode("difference")],
  [[" "], "Space", "blink once", () => compared.blink?.()],
  [["ArrowRight", "n"], "→ n", "next file on the right", () => compareNext(1)],
  [["ArrowLeft", "p"], "← p", "file before on the right", () => compareNext(-1)],
  [["+", "="], "+", "larger", () => setZoom(compared.zoom * 1.25)],
  [["-"], "-", "smaller", () => setZoom(compared.zoom * 0.8)],
  [["k"], "k", "keep the right one", () => setMark(compared.right, "keep")],
  [["g"], "g", "the right one goes", () => setMark(compared.right, "go")],
  [["d"], "d", "the two are different", () => setDifferent(compared.left, compared.right)],
  [["u"], "u", "undo", undo],
  [["Escape"], "Esc", "back to the list", closeCompare],
];

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || byId("help").open) return;
  const at = event.target;
  const open = byId("compare").open;
  const typing = at.matches?.("input:not([type=radio]):not([type=range]):not([type=checkbox]), select, textarea");
  if (typing) {
    if (event.key === "Escape" && !open) at.blur();
    return;
  }
  // Buttons, links and sliders keep the keys that they have of themselves.
  if (at.matches?.("button, a, summary") && (event.key === "Enter" || event.key === " ")) return;
  if (at.matches?.("input") && event.key.startsWith("Arrow")) return;
  if (event.key.length === 1 && event.key !== " " && event.key !== "?" && !byId("letters").checked) return;
  const found = (open ? inCompare : inList).find(([keys]) => keys.includes(event.key));
  if (!found) return;
  event.preventDefault();
  found[3]();
}

function openHelp() {
  const list = byId("help-keys");
  list.replaceChildren();
  for (const [title, keys] of [["In the list", inList], ["Comparing", inCompare]]) {
    list.append(element("dt", {}, element("strong", {}, title)), element("dd", {}));
    for (const [, names, what] of keys) {
      list.append(element("dt", {}, ...names.split(" ").flatMap((n) => [element("kbd", {}, n), " "])), element("dd", {}, what));
    }
  }
  byId("help").showModal();
}

function changeTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("dedupidx theme", root.dataset.theme);
  } catch {
    // It lasts until the page is left.
  }
}
