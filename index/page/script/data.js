// data.js: the groups as they were written, and what is derived from them once.

const byId = (id) => document.getElementById(id);
const about = JSON.parse(byId("about").textContent);
const groups = JSON.parse(byId("groups").textContent);
byId("groups").textContent = ""; // the text is as large as what was read from it

const KINDS = ["best", "exact", "pixels", "near", "transformed", "partial"];

// copied tells that a file is its group's picture. What only shares a part is
// never marked to go, and does not stand in for what goes.
const copied = (file) => ["best", "exact", "pixels", "near", "transformed"].includes(file.kind);

// places leads from the key of a file to all places where it stands: a picture
// that shares a part stands in several groups.
const places = new Map();

for (const [number, group] of groups.entries()) {
  group.number = number + 1;
  group.alike = 1;
  group.date = "";
  for (const file of group.files) {
    file.group = group;
    // The exact bytes of the name and the content: marks of another file never fit.
    // Of the hash as much as is needed, since browsers store some five million letters.
    file.key = (file.bytes ? "base64:" + file.bytes : file.path) + "\n" + file.hash.slice(0, 16);
    file.name = file.shown ?? file.path;
    const cut = file.name.lastIndexOf(about.separator) + 1; // elsewhere a backslash is an escape
    file.folder = file.name.slice(0, cut);
    file.leaf = file.name.slice(cut);
    file.date = file.taken ?? file.modified;
    group.alike = Math.min(group.alike, file.alike);
    if (file.date > group.date) group.date = file.date;
    if (!places.has(file.key)) places.set(file.key, []);
    places.get(file.key).push(file);
  }
}

// element makes an element. Text only ever becomes text, never markup.
function element(tag, properties = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") e.className = value;
    else if (name in e) e[name] = value;
    else e.setAttribute(name, value);
  }
  e.append(...children);
  return e;
}

function bytes(n) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (n >= 1023.95 && unit < units.length - 1) {
    n /= 1024;
    unit++;
  }
  return (unit ? n.toFixed(1) : n) + " " + units[unit];
}

const plural = (n, word) => n.toLocaleString("en") + " " + word + (n === 1 ? "" : "s");

// say tells something in a line that screen readers read, too.
let saying = 0;
function say(text) {
  const dialog = document.querySelector("dialog[open]"); // what lies behind one is not read
  if (byId("said").parentElement !== (dialog ?? document.body)) (dialog ?? document.body).append(byId("said"));
  byId("said").textContent = text;
  clearTimeout(saying);
  saying = setTimeout(() => (byId("said").textContent = ""), 5000);
}
