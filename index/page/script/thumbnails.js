// thumbnails.js: the small pictures. They stand behind this script, a few to an
// element, so that the list is there before the last of them was read.

const pictures = new Map(); // hash -> URL
const waiting = new Map(); // hash -> images without one yet

// readThumbnails takes in the elements that the browser has read so far, but the
// last while more may come to it.
function readThumbnails() {
  const ready = document.readyState !== "loading";
  const parts = document.querySelectorAll("script.thumbnails");
  for (const [i, part] of parts.entries()) {
    if (!ready && i === parts.length - 1) break;
    for (const [hash, picture] of Object.entries(JSON.parse(part.textContent))) {
      pictures.set(hash, about.assets ? about.assets + "/" + picture : "data:image/jpeg;base64," + picture);
      for (const image of waiting.get(hash) ?? []) image.src = pictures.get(hash);
      waiting.delete(hash);
    }
    part.remove();
  }
  if (!ready) {
    setTimeout(readThumbnails, 50);
    return;
  }
  for (const images of waiting.values()) {
    for (const image of images) image.replaceWith(element("span", {}, "no picture at hand"));
  }
  waiting.clear();
}

// thumbnail is an image of a file, which may come later.
function thumbnail(file) {
  const image = element("img", { alt: file.leaf, decoding: "async", draggable: false });
  const url = pictures.get(file.hash);
  if (url) image.src = url;
  else if (document.readyState !== "loading") return element("span", {}, "no picture at hand");
  else waiting.set(file.hash, [...(waiting.get(file.hash) ?? []), image]);
  return image;
}
