// compare.js: two files of a group, beside or over each other.

const compared = { left: null, right: null, mode: "beside", zoom: 1, timer: 0 };

function openCompare(file) {
  if (!file) return;
  const files = file.group.files;
  compared.left = file === files[0] ? file : files[0];
  compared.right = file === files[0] ? files[1] : file;
  compared.zoom = 1;
  setCurrent(file);
  byId("compare").showModal();
  byId("stage").focus(); // on a select, letters would choose
  showCompare();
}

function closeCompare() {
  clearInterval(compared.timer);
  byId("compare").close();
  if (current) goTo(current);
}

// overlaid makes an image that lies in the frame by a map; scale is pixels for a unit.
function overlaid(file, map, scale, box) {
  const image = thumbnail(file);
  const [w, h] = unit(file);
  image.style.width = w * scale + "px";
  image.style.height = h * scale + "px";
  image.style.transform = "matrix(" + [map[0], map[3], map[1], map[4], (map[2] - box.left) * scale, (map[5] - box.top) * scale].join(",") + ")";
  return image;
}

function pane(left, top, width, height, ...children) {
  const e = element("div", { class: "pane" }, ...children);
  Object.assign(e.style, { left: left + "px", top: top + "px", width: width + "px", height: height + "px" });
  return e;
}

function showCompare() {
  clearInterval(compared.timer);
  const { left, right, mode, zoom } = compared;
  byId("compare-title").textContent = "Group " + left.group.number + ": " + left.leaf + " and " + right.leaf;
  fillSide("left", left);
  fillSide("right", right);
  byId("zoom").value = zoom;
  for (const radio of document.getElementsByName("mode")) radio.checked = radio.value === mode;
  byId("divide").hidden = mode !== "swipe";
  const map = mapOnto(right, left);
  const frame = byId("frame");
  const stage = byId("stage");
  frame.className = mode;
  frame.replaceChildren();
  byId("measure").textContent = map ? "" : "It is not known where the one lies in the other: they are shown as they are.";
  const onto = map ?? IDENTITY;
  const box = bounds(left, right, onto);
  const columns = mode === "beside" ? 2 : 1;
  const scale = zoom * Math.min((stage.clientWidth - 8 * columns) / columns / box.width, stage.clientHeight / box.height);
  const [width, height] = [box.width * scale, box.height * scale];
  frame.style.width = columns * width + 8 * (columns - 1) + "px";
  frame.style.height = height + "px";
  const below = overlaid(left, IDENTITY, scale, box);
  const above = overlaid(right, onto, scale, box);
  if (columns === 2) {
    frame.append(pane(0, 0, width, height, below), pane(width + 8, 0, width, height, above));
  } else {
    frame.append(pane(0, 0, width, height, below, above));
    above.classList.add("over");
  }
  if (mode === "blink") {
    compared.blink = () => above.classList.toggle("out");
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) compared.timer = setInterval(compared.blink, 700);
  }
  if (mode === "swipe") {
    const over = pane(0, 0, width, height, above);
    const edge = element("div", { class: "edge" });
    frame.append(over, edge);
    divide();
  }
  Promise.all([below, above].map((image) => image.decode?.())).then(() => tellDifference(below, above, left, right, map), () => {});
  fillSides();
}

// divide puts the edge of a swipe where the slider is.
function divide() {
  const at = byId("swipe").value + "%";
  const edge = byId("frame").querySelector(".edge");
  if (!edge) return;
  edge.previousSibling.style.clipPath = "inset(0 0 0 " + at + ")";
  edge.style.left = at;
}

function tellDifference(below, above, left, right, map) {
  if (!map || left !== compared.left || right !== compared.right) return;
  const d = meanDifference(below, above, left, right, map);
  const m = byId("measure");
  m.textContent = d ? "Where both are (" + Math.round(100 * d.share) + " % of the left one), their grey differs by " + d.levels.toFixed(1) + " of 255 levels in the mean." : "";
  if (d) m.dataset.levels = d.levels.toFixed(2);
}

function fillSide(id, file) {
  byId(id).replaceChildren(...file.group.files.map((f, i) =>
    element("option", { value: i, selected: f === file }, f.leaf + " (" + f.kind + ")")));
}

function fillSides() {
  const mark = (file, which) => (which === "different" ? setDifferent(compared.left, compared.right) : setMark(file, which));
  const sides = [compared.left, compared.right].map((f) => {
    const e = card(f, mark, "div");
    e.querySelector(".picture").remove();
    return e;
  });
  const both = isDifferent(compared.left, compared.right);
  for (const e of sides) {
    const b = e.querySelector('[data-mark="different"]');
    b?.setAttribute("aria-pressed", String(both));
  }
  byId("sides").replaceChildren(...sides);
}

function setMode(mode) {
  compared.mode = mode;
  showCompare();
}

function setZoom(zoom) {
  compared.zoom = Math.min(8, Math.max(1, zoom));
  showCompare();
}

// compareNext shows the next file of the group on the right.
function compareNext(step) {
  const files = compared.left.group.files;
  let i = files.indexOf(compared.right);
  do i = (i + step + files.length) % files.length; while (files[i] === compared.left);
  compared.right = files[i];
  setCurrent(files[i]);
  showCompare();
}

function startCompare() {
  for (const id of ["left", "right"]) {
    byId(id).addEventListener("change", () => {
      const other = id === "left" ? "right" : "left";
      const chosen = compared.left.group.files[byId(id).value];
      if (chosen === compared[other]) compared[other] = compared[id];
      compared[id] = chosen;
      showCompare();
    });
  }
  for (const radio of document.getElementsByName("mode")) radio.addEventListener("change", () => setMode(radio.value));
  byId("zoom").addEventListener("input", () => setZoom(+byId("zoom").value));
  byId("swipe").addEventListener("input", divide);
  byId("close").addEventListener("click", closeCompare);
  byId("compare").addEventListener("cancel", (event) => {
    event.preventDefault();
    closeCompare();
  });
  byId("stage").addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    setZoom(compared.zoom * (event.deltaY < 0 ? 1.25 : 0.8));
  }, { passive: false });
  addEventListener("resize", () => byId("compare").open && showCompare());
}
