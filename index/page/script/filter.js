// filter.js: which groups are shown, and in which order.

let shown = groups;

// asked is what the form says.
function asked() {
  const value = (id) => byId(id).value;
  return {
    search: value("search").toLocaleLowerCase().split(/\s+/).filter(Boolean), kind: value("kind"), root: value("root"),
    folder: value("folder").toLocaleLowerCase(), format: value("format"), alike: parseFloat(value("alike")) || 0,
    since: value("since"), until: value("until"), marked: value("marked"), sort: value("sort"),
  };
}

// fits tells whether a file is what was asked for. A group is shown when one of
// its files is.
function fits(file, q) {
  if (q.search.length || q.folder) file.lower ??= file.name.toLocaleLowerCase();
  return (!q.kind || file.kind === q.kind) &&
    (!q.root || file.root === +q.root) &&
    (!q.format || file.format === q.format) &&
    (!q.alike || file.kind !== "best" && file.alike >= q.alike) &&
    (!q.since || file.date.slice(0, 10) >= q.since) &&
    (!q.until || file.date.slice(0, 10) <= q.until) &&
    (!q.folder || file.folder.toLocaleLowerCase().startsWith(q.folder)) &&
    q.search.every((word) => file.lower.includes(word));
}

function applyFilter() {
  const q = asked();
  const done = (g) => g.files.some((f) => markOf(f) !== "");
  shown = groups.filter((g) => g.files.some((f) => fits(f, q)) && (!q.marked || done(g) === (q.marked === "done")));
  const order = {
    space: (a, b) => b.space - a.space,
    alike: (a, b) => b.alike - a.alike,
    date: (a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0),
  }[q.sort];
  if (order) shown = [...shown].sort((a, b) => order(a, b) || a.number - b.number);
  startList();
  tellCount();
}

function fillFilters() {
  const options = (id, list) => {
    for (const [value, text] of list) byId(id).append(element("option", { value }, text));
  };
  const formats = new Set();
  const kinds = new Set();
  const folders = new Set();
  for (const g of groups) {
    for (const f of g.files) {
      formats.add(f.format);
      kinds.add(f.kind);
      if (folders.size < 500) folders.add(f.folder);
    }
  }
  options("kind", KINDS.filter((k) => kinds.has(k)).map((k) => [k, k]));
  options("format", [...formats].sort().map((f) => [f, f]));
  options("root", about.roots.map((r, i) => [i, r]));
  options("folders", [...folders].sort().map((f) => [f, ""]));
}
