// chart.js: bars of the space to win, by kind and by folder. A bar is a button
// that filters.

function drawChart() {
  const kinds = new Map();
  const folders = new Map();
  for (const g of groups) {
    for (const f of g.files) {
      if (f.action !== "go") continue;
      kinds.set(f.kind, (kinds.get(f.kind) ?? 0) + f.size);
      folders.set(f.folder, (folders.get(f.folder) ?? 0) + f.size);
    }
  }
  const bars = byId("bars");
  const draw = (title, sums, id) => {
    const list = [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 12);
    bars.append(element("h2", {}, title));
    for (const [name, sum] of list) {
      const fill = element("span", { class: "fill" });
      fill.style.width = (80 * sum) / list[0][1] + "%";
      const bar = element("button", { type: "button", class: "bar", title: "Show only these" },
        element("span", { class: "name" }, name), element("span", { class: "length" }, fill, bytes(sum)));
      bar.addEventListener("click", () => {
        byId(id).value = name;
        applyFilter();
      });
      bars.append(bar);
    }
    if (!list.length) bars.append(element("p", {}, "Nothing is proposed to go."));
  };
  draw("By kind", kinds, "kind");
  draw("By folder", folders, "folder");
}
