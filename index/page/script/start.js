// start.js: what happens when the page is opened.

function start() {
  const theme = (() => {
    try {
      return localStorage.getItem("dedupidx theme");
    } catch {
      return null;
    }
  })();
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  let files = 0;
  let space = 0;
  for (const g of groups) {
    files += g.files.length;
    space += g.space;
  }
  byId("sums").textContent = plural(groups.length, "group") + ", " + plural(files, "file") + ", " + bytes(space) + " to win";
  byId("from").textContent = "Made " + about.made.replace("T", " ").replace("Z", " UTC") + " from " + about.index + ", sensitivity " + about.sensitivity +
    ", proposed to stay: " + about.rule + (about.against ? ", against " + about.against : "") + ". Nothing is changed by this page.";
  fillFilters();
  readMarks();
  startCompare();
  byId("filters").addEventListener("input", applyFilter);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  // Not as the form's reset, which comes before its fields are empty: a list made
  // anew by a later task would take away the button that is being pressed.
  byId("clear").addEventListener("click", () => {
    byId("filters").reset();
    applyFilter();
  });
  byId("accept").addEventListener("click", () => accept(shown));
  byId("undo").addEventListener("click", undo);
  byId("save").addEventListener("click", save);
  byId("theme").addEventListener("click", changeTheme);
  byId("keys").addEventListener("click", openHelp);
  byId("help-close").addEventListener("click", () => byId("help").close());
  byId("chart").addEventListener("toggle", drawChart, { once: true });
  document.addEventListener("keydown", onKey);
  addEventListener("pagehide", storeNow);
  applyFilter();
  readThumbnails();
}

start();
