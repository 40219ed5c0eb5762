"use strict";
/* Values of a song at a time, the words around the plane, and how both are written. */

const {words: WORDS, period: PERIOD, songs: SONGS} = DATA;
const STEP = 360 / WORDS.length;

/** The curve that stands for a target of a song: the prediction, else the annotation. */
function shownCurve(song, target) {
  const curve = song.curves[target];
  return curve && (curve.predicted ?? curve.annotated);
}

/** The middle of the half second a label is of. */
function middle(song, index) {
  return song.start + (index + 0.5) * PERIOD;
}

/** A curve's value at a time, between the middles of its labels; null where it has none. */
function valueAt(song, values, time) {
  if (!values || time < song.start || time >= song.start + values.length * PERIOD) return null;
  const place = (time - song.start) / PERIOD - 0.5;
  const before = Math.max(0, Math.floor(place));
  const after = Math.min(values.length - 1, Math.max(0, Math.ceil(place)));
  const nearest = values[Math.min(after, Math.max(before, Math.round(place)))];
  if (values[before] === null || values[after] === null) return nearest;
  return values[before] + (values[after] - values[before]) * (place - Math.floor(place));
}

/** The number of the word nearest a point of the plane; null in the centre or without a point. */
function wordAt(arousal, valence) {
  if (arousal === null || valence === null || Math.hypot(arousal, valence) === 0) return null;
  const degrees = (Math.atan2(arousal, valence) * 180 / Math.PI + 360) % 360;
  return Math.floor(degrees / STEP + 0.5) % WORDS.length;
}

/** The colour of a word: its angle turned into a hue, from yellow-green (pleasant) over red. */
function wordHue(index) {
  return (460 - index * STEP) % 360;
}

/** The colour of a word as charts take it, which do not know oklch. */
function wordColour(index) {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  pixel.fillStyle = `oklch(${colour("lightness")} ${colour("chroma")} ${wordHue(index)})`;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}

/** A rating with its sign, or a dash. */
function signed(value) {
  if (value === null || value === undefined) return "–";
  const digits = Math.abs(value).toFixed(2);
  if (Number(digits) === 0) return digits;
  return (value < 0 ? "−" : "+") + digits;
}

/** A number without a sign, or a dash. */
function plain(value) {
  return value === null || value === undefined ? "–" : value.toFixed(2);
}

/** A time as minutes and seconds. */
function minutes(seconds, digits = 0) {
  const unit = 10 ** digits;
  const whole = Math.floor(seconds * unit + 1e-6);
  const rest = ((whole % (60 * unit)) / unit).toFixed(digits);
  return `${Math.floor(whole / (60 * unit))}:${rest.padStart(digits ? digits + 3 : 2, "0")}`;
}

/** A new element with properties and children; text children are text, never markup. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A new SVG element with attributes and children. */
function makeSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A dot in the colour of a word, with the word. */
function wordChip(index) {
  const chip = make("span", {className: "chip"}, WORDS[index]);
  chip.style.setProperty("--hue", wordHue(index));
  return chip;
}

/** A value, or the end of the scale of ratings that it lies beyond. */
function onScale(value) {
  return Math.min(1, Math.max(-1, value));
}
