"use strict";
/* The page of songs: one song is selected; list, clock, curves and plane follow it and its time. */

/** Wire the page; nothing to do where it has no songs. */
function startSongs() {
  const stage = document.querySelector(".stage");
  if (!stage) return;
  const list = songList(document.querySelector(".list"), (song) => select(song, {show: true}));
  const clock = makeClock(stage, {onTime: move, onLength: () => draw()});
  const curves = [...stage.querySelectorAll(".curve")].map((figure) => curveFigure(figure, clock.seek));
  const plane = planeFigure(stage.querySelector(".plane"));
  const radial = radialFigure(stage.querySelector(".radial"));
  const read = readout(stage);
  let song = null;

  function select(next, {show = false} = {}) {
    if (!next) return;
    const goOn = song && clock.playing();
    song = next;
    describe(stage, song);
    list.mark(song);
    markCards(song);
    keepInAddress(song);
    clock.load(song);
    draw();
    if (goOn) clock.play();
    if (show) bringIntoView(stage);
  }

  function draw() {
    for (const curve of curves) curve.show(song, clock.length());
    plane.show(song);
    radial.show(song);
    clock.tell();
  }

  function move(time) {
    for (const curve of curves) curve.move(time);
    plane.move(time);
    read(song, time);
  }

  const beside = (step) => select(list.beside(song, step));
  stage.querySelector(".previous").addEventListener("click", () => beside(-1));
  stage.querySelector(".next").addEventListener("click", () => beside(1));
  for (const card of document.querySelectorAll(".card")) {
    const its = SONGS[card.dataset.song];
    card.querySelector(".spark").append(sparkline(shownCurve(its, card.dataset.target)));
    card.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      select(its, {show: true});
    });
  }
  addEventListener("hashchange", () => select(songOfAddress(), {show: true}));
  new ResizeObserver(() => song && clock.tell()).observe(stage);
  listenToKeys({
    " ": () => (clock.playing() ? clock.pause() : clock.play()),
    ArrowLeft: (event) => clock.seek(clock.time() - (event.shiftKey ? 0.5 : 5)),
    ArrowRight: (event) => clock.seek(clock.time() + (event.shiftKey ? 0.5 : 5)),
    ArrowUp: () => beside(-1),
    ArrowDown: () => beside(1),
  });
  const first = document.querySelector(".card")?.dataset.song ?? 0;
  select(songOfAddress() ?? SONGS[first], {show: Boolean(songOfAddress())});
}

/** The song the address names, or null. */
function songOfAddress() {
  return location.hash ? SONGS.find((song) => song.anchor === location.hash) ?? null : null;
}

/** Let the address name the song, where the page has an address: shown inside another it may not. */
function keepInAddress(song) {
  try {
    history.replaceState(null, "", song.anchor);
  } catch (error) {
    if (error.name !== "SecurityError") throw error;
  }
}

/** Write the heading of a song: its name, and what else is known of it. */
function describe(stage, song) {
  stage.querySelector(".song").textContent = song.name;
  stage.querySelector(".song-about").replaceChildren(...song.about.map(([name, text]) =>
    make("span", {}, make("b", {}, name), " ", text)));
  const curves = Object.values(song.curves);
  for (const item of stage.querySelectorAll("[data-line]")) {
    item.hidden = !curves.some((curve) => curve[item.dataset.line]);
  }
  const note = stage.querySelector(".no-plane");
  note.hidden = song.shares.length > 0;
  note.textContent = `${whyNowhere(song)}: it has no place in the plane of valence and arousal.`;
}

/** Why a song has no place in the plane. */
function whyNowhere(song) {
  const targets = Object.keys(song.curves);
  if (targets.length === 1) return `Only ${targets[0]} is known of this song`;
  return "No half second of this song has both values";
}

/** Mark the cards of the selected song. */
function markCards(song) {
  for (const card of document.querySelectorAll(".card")) {
    if (SONGS[card.dataset.song] === song) card.setAttribute("aria-current", "true");
    else card.removeAttribute("aria-current");
  }
}

/** Scroll to the player where it is not in sight, smoothly unless the reader wants no motion. */
function bringIntoView(stage) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const {top, bottom} = stage.getBoundingClientRect();
  if (top >= 0 && bottom <= innerHeight) return;
  stage.scrollIntoView({behavior: still ? "auto" : "smooth", block: "start"});
}

/** The live numbers: a function of a song and a time that writes them. */
function readout(stage) {
  const fields = Object.fromEntries([...stage.querySelectorAll("[data-read]")].map((field) =>
    [field.dataset.read, field]));
  const write = (name, text) => {
    if (fields[name] && fields[name].textContent !== text) fields[name].textContent = text;
  };
  return (song, time) => {
    const [arousal, valence] = ["arousal", "valence"].map((target) =>
      valueAt(song, shownCurve(song, target), time));
    const word = wordAt(arousal, valence);
    write("time", minutes(time, 1));
    write("arousal", signed(arousal));
    write("valence", signed(valence));
    write("intensity", word === null ? "–" : plain(Math.min(1, Math.hypot(arousal, valence))));
    write("word", word === null ? "–" : WORDS[word]);
    if (word !== null) fields.word?.style.setProperty("--hue", wordHue(word));
  };
}

/** A small drawing of a curve, from -1 to 1. */
function sparkline(values) {
  let pen = "M";
  const path = values.map((value, index) => {
    if (value === null) { pen = "M"; return ""; }
    const across = 100 * index / Math.max(1, values.length - 1);
    const piece = `${pen}${across.toFixed(1)} ${(-20 * onScale(value)).toFixed(1)}`;
    pen = "L";
    return piece;
  }).join("");
  return makeSvg("svg", {viewBox: "0 -21 100 42", preserveAspectRatio: "none"},
    makeSvg("path", {class: "zero", d: "M0 0H100"}), makeSvg("path", {d: path}));
}

/** Run actions by their keys, wherever the focus is but in a field or on what the key is for. */
function listenToKeys(actions) {
  addEventListener("keydown", (event) => {
    const action = actions[event.key];
    const own = event.key === " " ? "input, select, button" : "input, select";
    if (!action || event.target.closest?.(own) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    action(event);
  }, {capture: true});
}

startSongs();
