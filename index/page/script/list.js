// list.js: the groups, made as the reader comes near them. What is far from the
// window costs nothing (content-visibility in the style).

const STEP = 20; // groups made at a time: more than fit on a screen
const sections = new Map(); // group -> its element
let current = null; // the file that the keys act on
let moreToCome = null;

function startList() {
  sections.clear();
  byId("list").replaceChildren();
  if (!shown.length) byId("list").append(element("p", {}, groups.length ? "No group fits the filter." : "There are no duplicates."));
  if (current && !shown.includes(current.group)) current = null;
  addGroups();
}

function addGroups() {
  const from = sections.size;
  const some = document.createDocumentFragment();
  for (const g of shown.slice(from, from + STEP)) some.append(section(g));
  byId("list").append(some);
  // An observer tells only what changes: after each step it is asked anew.
  moreToCome?.disconnect();
  if (sections.size >= shown.length) return;
  moreToCome = new IntersectionObserver((seen) => {
    if (seen.some((s) => s.isIntersecting)) addGroups();
  }, { rootMargin: "1500px" });
  moreToCome.observe(byId("more"));
}

function section(group) {
  const e = element("section", { class: "group" });
  sections.set(group, e);
  fillSection(group);
  return e;
}

function fillSection(group) {
  const e = sections.get(group);
  const id = "group-" + group.number;
  const head = "Group " + group.number + " · " + plural(group.files.length, "file") + (group.space ? " · " + bytes(group.space) + " to win" : "");
  const list = element("ul", { class: "files" });
  for (const f of group.files) {
    const item = card(f, setMark);
    item.addEventListener("focusin", () => setCurrent(f));
    f.card = item;
    list.append(item);
  }
  e.setAttribute("aria-labelledby", id);
  e.replaceChildren(element("h2", { id }, head), list);
}

// refresh shows the marks of some groups anew, and keeps the focus where it is.
function refresh(some) {
  const active = document.activeElement;
  const mark = active?.dataset?.mark;
  const inside = current?.card?.contains(active);
  for (const g of some) if (sections.has(g)) fillSection(g);
  if (current?.card && inside) {
    const again = mark && current.card.querySelector('[data-mark="' + mark + '"]');
    (again || current.card).focus({ preventScroll: true });
  }
  setCurrent(current);
  if (byId("compare").open) showCompare();
  byId("undo").disabled = !changes.length;
  tellCount();
}

function setCurrent(file) {
  if (current) sections.get(current.group)?.classList.remove("current");
  current = file;
  if (file) sections.get(file.group)?.classList.add("current");
}

// go to a file: its group is made if it was not yet.
function goTo(file) {
  if (!file) return;
  const place = shown.indexOf(file.group);
  while (place >= sections.size && sections.size < shown.length) addGroups();
  setCurrent(file);
  file.card.focus({ preventScroll: true });
  file.card.scrollIntoView({ block: "nearest" });
}

function nextGroup(step) {
  const place = current ? shown.indexOf(current.group) + step : 0;
  if (shown[place]) goTo(shown[place].files[0]);
}

function nextFile(step) {
  if (!current) return nextGroup(1);
  const files = current.group.files;
  goTo(files[files.indexOf(current) + step]);
}

function tellCount() {
  let keep = 0;
  let go = 0;
  let win = 0;
  for (const [key, mark] of marks) {
    if (mark === "keep") keep++;
    else {
      go++;
      win += places.get(key)[0].size;
    }
  }
  byId("count").textContent = plural(shown.length, "group") + " of " + groups.length.toLocaleString("en") + " shown · marked " +
    keep + " keep, " + go + " go (" + bytes(win) + "), " + different.size + " different";
}
