// align.js: where one picture lies on another. Maps are [a, b, c, d, e, f]:
// x' = ax + by + c, y' = dx + ey + f, with the long side of each picture as 1.

const IDENTITY = [1, 0, 0, 0, 1, 0];

// then is the map that does p first and q after it.
function then(p, q) {
  return [
    q[0] * p[0] + q[1] * p[3], q[0] * p[1] + q[1] * p[4], q[0] * p[2] + q[1] * p[5] + q[2],
    q[3] * p[0] + q[4] * p[3], q[3] * p[1] + q[4] * p[4], q[3] * p[2] + q[4] * p[5] + q[5],
  ];
}

function inverse(m) {
  const det = m[0] * m[4] - m[1] * m[3];
  if (!(Math.abs(det) > 1e-9)) return null;
  const [a, b, d, e] = [m[4] / det, -m[1] / det, -m[3] / det, m[0] / det];
  return [a, b, -(a * m[2] + b * m[5]), d, e, -(d * m[2] + e * m[5])];
}

// unit is a picture's size with the long side as 1.
function unit(file) {
  const long = Math.max(file.w, file.h) || 1;
  return [(file.w || 1) / long, (file.h || 1) / long];
}

// fromBest is the map from the best one of the group to a file; null where none is
// known, as of a picture that hangs on another member of the group.
function fromBest(file) {
  if (file.map) return file.map;
  if (file.kind === "best" || file.kind === "exact") return IDENTITY;
  if (file.kind === "partial" || file.kind === "transformed") return null;
  const [w, h] = unit(file.group.files[0]);
  const [fw, fh] = unit(file);
  return [fw / w, 0, 0, 0, fh / h, 0];
}

// mapOnto is the map from one file of a group onto another, null for none.
function mapOnto(from, to) {
  const a = fromBest(from);
  const b = fromBest(to);
  const back = a && inverse(a);
  return back && b && then(back, b);
}

// bounds is the smallest box around a picture and another one laid on it.
function bounds(base, over, map) {
  const [w, h] = unit(base);
  const [ow, oh] = unit(over);
  const corners = [[0, 0], [ow, 0], [0, oh], [ow, oh]].map(([x, y]) => [map[0] * x + map[1] * y + map[2], map[3] * x + map[4] * y + map[5]]);
  const xs = [0, w, ...corners.map((c) => c[0])];
  const ys = [0, h, ...corners.map((c) => c[1])];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

// meanDifference is the mean difference of grey (BT.601), 0..255, where both
// pictures are, from the thumbnails at 256 pixels of the base; null where pixels cannot be read.
function meanDifference(baseImage, overImage, base, over, map) {
  const [w, h] = unit(base);
  const scale = 256;
  const draw = (image, file, m) => {
    const canvas = element("canvas", { width: Math.max(1, Math.round(w * scale)), height: Math.max(1, Math.round(h * scale)) });
    const c = canvas.getContext("2d", { willReadFrequently: true });
    c.imageSmoothingQuality = "high";
    c.setTransform(m[0], m[3], m[1], m[4], m[2] * scale, m[5] * scale);
    const [fw, fh] = unit(file);
    c.drawImage(image, 0, 0, fw * scale, fh * scale);
    return c.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  try {
    const a = draw(baseImage, base, IDENTITY);
    const b = draw(overImage, over, map);
    let sum = 0;
    let n = 0;
    for (let i = 0; i < a.length; i += 4) {
      if (a[i + 3] < 255 || b[i + 3] < 255) continue;
      sum += Math.abs(0.299 * (a[i] - b[i]) + 0.587 * (a[i + 1] - b[i + 1]) + 0.114 * (a[i + 2] - b[i + 2]));
      n++;
    }
    return n ? { levels: sum / n, share: n / (a.length / 4) } : null;
  } catch {
    return null; // pictures of files beside the page are foreign to it
  }
}
