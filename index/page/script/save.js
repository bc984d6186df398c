// save.js: the marks as decisions.jsonl, a line each. What a line holds is
// described with package decisions of dedupidx.

function decisions() {
  const named = (f) => ({ path: f.path, ...(f.bytes && { path_bytes: f.bytes }), hash: f.hash });
  const lines = [{ dedupidx: "decisions", version: 1, report: about.made, index: about.index, sensitivity: about.sensitivity }];
  for (const g of groups) {
    for (const f of g.files) {
      if (!marks.has(f.key) || places.get(f.key)[0] !== f) continue;
      lines.push({ mark: marks.get(f.key), ...named(f), size: f.size, modified: f.modified });
    }
  }
  for (const [, [a, b]] of different) lines.push({ mark: "different", a: named(a), b: named(b) });
  return lines.map((line) => JSON.stringify(line) + "\n").join("");
}

function save() {
  storeNow();
  if (!marks.size && !different.size) {
    say("Nothing is marked yet.");
    return;
  }
  const url = URL.createObjectURL(new Blob([decisions()], { type: "application/x-ndjson" }));
  const link = element("a", { href: url, download: "decisions.jsonl" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  say("Saved as decisions.jsonl.");
}
