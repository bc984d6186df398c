// marks.js: what the reader decided. keep and go belong to a file, different to a
// pair of contents. They live in the browser's storage and are saved as a file.

const marks = new Map(); // key of a file -> "keep" or "go"
const different = new Map(); // "hash hash", the smaller first -> the two files, when it was said
const changes = []; // what undo takes back: a function for each change

// The storage of a page from disk is shared by all of them, so it is named after
// what the page is of. A later page of the same folders takes its marks over.
const store = "dedupidx marks " + about.index;

function readMarks() {
  try {
    const stored = JSON.parse(localStorage.getItem(store) ?? "{}");
    for (const [key, mark] of Object.entries(stored.marks ?? {})) {
      if (places.has(key) && (mark === "keep" || mark === "go")) marks.set(key, mark);
    }
    for (const [pair, keys] of Object.entries(stored.different ?? {})) {
      const files = keys.map((key) => places.get(key)?.[0]);
      if (files.every(Boolean)) different.set(pair, files);
    }
  } catch {
    say("The marks of last time cannot be read.");
  }
}

let storing = 0;
function storeMarks() {
  clearTimeout(storing);
  storing = setTimeout(storeNow, 100);
}

function storeNow() {
  clearTimeout(storing);
  try {
    localStorage.setItem(store, JSON.stringify({
      marks: Object.fromEntries(marks),
      different: Object.fromEntries([...different].map(([pair, files]) => [pair, files.map((f) => f.key)])),
    }));
  } catch {
    say("This browser keeps no marks. Save them before you leave.");
  }
}

const pairOf = (a, b) => (a.hash < b.hash ? a.hash + " " + b.hash : b.hash + " " + a.hash);
const isDifferent = (a, b) => different.has(pairOf(a, b));

// markOf is what the reader said of a file: keep, go, different (from the best
// one of its group), or nothing.
function markOf(file) {
  if (marks.has(file.key)) return marks.get(file.key);
  return isDifferent(file, file.group.files[0]) ? "different" : "";
}

// proposed is what the rule says while the reader said nothing.
function proposed(file) {
  return markOf(file) || file.action === "leave" ? "" : file.action;
}

// mayGo says why a file must not go, empty where it may: each group in which its
// picture stands keeps a file that is at hand.
function mayGo(file) {
  if (!copied(file)) return "It shares only a part with the others: it is no copy of them.";
  if (file.offline) return "It is offline.";
  for (const place of places.get(file.key)) {
    const stays = (f) => f.key !== file.key && copied(f) && !f.offline && marks.get(f.key) !== "go" && !isDifferent(f, file);
    if (copied(place) && !place.group.files.some(stays)) return "It would be the last of its group that is at hand.";
  }
  return "";
}

// change does something to some files that undo can take back.
function change(files, act) {
  const before = { marks: files.map((f) => [f.key, marks.get(f.key)]), different: new Map(different) };
  const groupsOf = new Set(files.flatMap((f) => places.get(f.key)).map((f) => f.group));
  act();
  changes.push(() => {
    for (const [k, v] of before.marks) v ? marks.set(k, v) : marks.delete(k);
    different.clear();
    for (const [k, v] of before.different) different.set(k, v);
    return groupsOf;
  });
  if (changes.length > 200) changes.shift();
  storeMarks();
  refresh(groupsOf);
}

// setMark marks a file, or takes its mark away where it has this one already.
function setMark(file, mark) {
  if (mark === "different") return setDifferent(file.group.files[0], file);
  const off = marks.get(file.key) === mark;
  const why = mark === "go" && !off ? mayGo(file) : "";
  if (why) {
    say("Not marked. " + why);
    return;
  }
  change([file], () => (off ? marks.delete(file.key) : marks.set(file.key, mark)));
  say(off ? "Mark taken away: " + file.leaf : (mark === "keep" ? "Keep: " : "Go: ") + file.leaf);
}

// setDifferent says that two pictures are no copies, or takes that back.
function setDifferent(a, b) {
  if (a.hash === b.hash) {
    say(a === b ? "Different from which? Compare it with another one." : "These are the same bytes.");
    return;
  }
  const pair = pairOf(a, b);
  const off = different.has(pair);
  change([a, b], () => {
    if (off) {
      different.delete(pair);
      return;
    }
    different.set(pair, [a, b]);
    for (const f of [a, b]) {
      if (marks.get(f.key) === "go" && mayGo(f)) marks.delete(f.key);
    }
  });
  say(off ? "No longer marked as different." : "Marked as different: " + a.leaf + " and " + b.leaf);
}

// accept turns what is proposed for some groups into marks.
function accept(some) {
  let n = 0;
  const files = some.flatMap((g) => g.files).filter((f) => proposed(f));
  if (!files.length) {
    say("Nothing is proposed here that is not marked already.");
    return;
  }
  change(files, () => {
    for (const want of ["keep", "go"]) {
      for (const f of files) {
        if (f.action !== want || marks.has(f.key) || want === "go" && mayGo(f)) continue;
        marks.set(f.key, want);
        n++;
      }
    }
  });
  say(plural(n, "file") + " marked as proposed.");
}

function undo() {
  const back = changes.pop();
  if (!back) {
    say("Nothing to undo.");
    return;
  }
  refresh(back());
  storeMarks();
  say("Undone.");
}
