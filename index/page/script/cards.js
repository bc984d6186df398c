// cards.js: a file as the reader sees it, with its marks.

function words(file) {
  const mark = markOf(file);
  if (mark) return mark;
  const p = proposed(file);
  return p ? p + "?" : "";
}

// card shows a file. With marker, its buttons call it with the file and the mark.
function card(file, marker, tag = "li") {
  const mark = markOf(file);
  const picture = element("button", { type: "button", class: "picture", title: "Compare (Enter)", "aria-label": "Compare " + file.name });
  picture.append(thumbnail(file));
  const facts = [bytes(file.size), file.w ? file.w + "×" + file.h : "", file.format, file.date.slice(0, 10)].filter(Boolean).join(" · ");
  const similar = file.kind === "best" ? "best" : file.kind + (file.kind === "exact" ? "" : " " + file.alike.toFixed(4));
  const lines = [];
  if (file.kind === "best" && file.quality) lines.push("Best: " + file.quality + ".");
  if (file.reason) lines.push(file.reason[0].toUpperCase() + file.reason.slice(1) + ".");
  if (file.kind !== "best" && file.kind !== "exact" && file.quality) lines.push("The best one: " + file.quality + ".");
  if (file.link) lines.push("Another name (hard link) of " + file.link + ".");
  if (file.offline) lines.push("Offline.");
  const buttons = element("div", { class: "buttons" });
  for (const which of ["keep", "go", "different"]) {
    const b = element("button", { type: "button", "aria-pressed": String(mark === which) }, which);
    b.dataset.mark = which;
    b.addEventListener("click", (event) => {
      event.stopPropagation();
      marker(file, which);
    });
    if (which !== "different" || file !== file.group.files[0]) buttons.append(b);
  }
  const state = words(file);
  const out = element(tag, { class: "file " + mark, tabIndex: -1 },
    picture,
    element("span", { class: "path" }, element("bdi", {}, element("a", { href: file.url, target: "_blank", rel: "noreferrer", title: "Open the photo" }, file.leaf))),
    element("span", { class: "folder" }, element("bdi", {}, file.folder)),
    element("span", { class: "facts" }, facts),
    element("span", {}, similar + (state ? " · " : ""), element("span", { class: "state" }, state)),
    ...lines.map((line) => element("span", { class: "word" }, line)), buttons);
  out.setAttribute("aria-label", [file.name, similar, facts, state].filter(Boolean).join(", "));
  picture.addEventListener("click", () => openCompare(file));
  return out;
}
