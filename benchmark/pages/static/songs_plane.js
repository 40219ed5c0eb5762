"use strict";
/* The valence-arousal plane: twenty words around a circle, a song's path and the moving point. */

const RADIUS = 100;
const TRAIL = {seconds: 10, pieces: 24};

/**
 * A point of the plane in the units of the drawing, whose arousal grows downwards. What lies beyond
 * the scale of ratings stands at its edge, in its direction.
 */
function spot(arousal, valence) {
  const beyond = Math.max(1, Math.abs(arousal), Math.abs(valence));
  return [valence * RADIUS / beyond, -arousal * RADIUS / beyond];
}

/** The plane: `show(song)` draws a song's paths, `move(time)` sets the points and the trail. */
function planeFigure(figure) {
  const wheel = WORDS.map((_, index) => wheelPiece(index));
  const paths = {
    annotated: makeSvg("path", {class: "path annotated"}),
    shown: makeSvg("path", {class: "path"}),
  };
  const trail = Array.from({length: TRAIL.pieces}, (_, index) =>
    makeSvg("line", {class: "trail", style: `--age: ${(index / TRAIL.pieces).toFixed(3)}`}));
  const points = {
    annotated: makeSvg("circle", {class: "point annotated", r: 5}),
    shown: makeSvg("circle", {class: "point", r: 6.5}),
  };
  figure.querySelector(".drawing").append(makeSvg(
    "svg", {viewBox: "-158 -126 316 252", role: "img", "aria-label": "Valence-arousal plane"},
    ...axes(), ...wheel, paths.annotated, paths.shown, ...trail.toReversed(), points.annotated, points.shown,
  ));
  let song = null;

  function at(kind, time) {
    const [arousal, valence] = ["arousal", "valence"].map((target) =>
      valueAt(song, kind === "shown" ? shownCurve(song, target) : song.curves[target].annotated, time));
    return arousal === null || valence === null ? null : {arousal, valence};
  }

  function drawTrail(time) {
    const step = TRAIL.seconds / TRAIL.pieces;
    let here = at("shown", time);
    trail.forEach((piece, index) => {
      const then = time - (index + 1) * step;
      const before = then < 0 ? null : at("shown", then);
      placeLine(piece, here, before);
      here = before;
    });
  }

  return {
    show(next) {
      song = next;
      figure.hidden = song.shares.length === 0;
      if (figure.hidden) return;
      figure.querySelector(".facts").textContent =
        song.word ? `mean point ${song.word}, intensity ${plain(song.intensity)}` : "";
      const {arousal, valence} = song.curves;
      const compared = arousal.annotated && valence.annotated &&
        (arousal.predicted || valence.predicted);
      paths.shown.setAttribute("d", pathOf(shownCurve(song, "arousal"), shownCurve(song, "valence")));
      paths.annotated.setAttribute("d", compared ? pathOf(arousal.annotated, valence.annotated) : "");
      points.annotated.classList.toggle("absent", !compared);
      figure.querySelector(".ring-note").hidden = !compared;
    },
    move(time) {
      if (figure.hidden) return;
      const here = at("shown", time);
      placePoint(points.shown, here);
      placePoint(points.annotated, at("annotated", time));
      drawTrail(time);
      const word = here && wordAt(here.arousal, here.valence);
      wheel.forEach((piece, index) => piece.classList.toggle("here", index === word));
      if (word !== null) figure.style.setProperty("--hue", wordHue(word));
    },
  };
}

/** A word of the wheel: its arc of the circle and its text outside. */
function wheelPiece(index) {
  const at = (degrees, radius) => {
    const angle = degrees * Math.PI / 180;
    return [Math.cos(angle) * radius, -Math.sin(angle) * radius].map((n) => n.toFixed(2));
  };
  const centre = index * STEP;
  const from = at(centre - STEP / 2 + 0.8, RADIUS + 3);
  const to = at(centre + STEP / 2 - 0.8, RADIUS + 3);
  const [x, y] = at(centre, RADIUS + 10);
  const side = Math.cos(centre * Math.PI / 180);
  const anchor = Math.abs(side) < 0.05 ? "middle" : side > 0 ? "start" : "end";
  const text = makeSvg("text", {x, y, "text-anchor": anchor, "dominant-baseline": "central"}, WORDS[index]);
  const arc = makeSvg("path", {d: `M${from} A${RADIUS + 3} ${RADIUS + 3} 0 0 0 ${to}`});
  const piece = makeSvg("g", {class: "word"}, arc, text);
  piece.style.setProperty("--hue", wordHue(index));
  return piece;
}

/** The circle, the axes and their names. */
function axes() {
  const half = RADIUS / 2;
  const label = (x, y, text, anchor) => makeSvg("text", {class: "axis", x, y, "text-anchor": anchor}, text);
  return [
    makeSvg("circle", {class: "disc", r: RADIUS}),
    makeSvg("circle", {class: "ring", r: half}),
    makeSvg("path", {class: "cross", d: `M-${RADIUS} 0H${RADIUS}M0 -${RADIUS}V${RADIUS}`}),
    label(RADIUS - 4, -4, "+1", "end"),
    label(RADIUS - 4, 9, "valence", "end"),
    label(-RADIUS + 4, -4, "−1", "start"),
    label(4, -RADIUS + 11, "+1", "start"),
    label(-4, -RADIUS + 11, "arousal", "end"),
    label(4, RADIUS - 6, "−1", "start"),
  ];
}

/** The path of a song as SVG has it, broken where there is no point. */
function pathOf(arousal, valence) {
  let pen = "M";
  return arousal.map((value, index) => {
    if (value === null || valence[index] === null) { pen = "M"; return ""; }
    const piece = pen + spot(value, valence[index]).map((n) => n.toFixed(1)).join(" ");
    pen = "L";
    return piece;
  }).join("");
}

/** Move a point, or hide it where there is no place for it. */
function placePoint(point, place) {
  point.style.display = place ? "" : "none";
  if (!place) return;
  const [x, y] = spot(place.arousal, place.valence);
  point.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)})`);
}

/** Draw a piece of the trail between two places, or hide it where one is missing. */
function placeLine(piece, one, other) {
  piece.style.display = one && other ? "" : "none";
  if (!one || !other) return;
  const [x1, y1] = spot(one.arousal, one.valence);
  const [x2, y2] = spot(other.arousal, other.valence);
  for (const [name, value] of Object.entries({x1, y1, x2, y2})) piece.setAttribute(name, value.toFixed(2));
}
