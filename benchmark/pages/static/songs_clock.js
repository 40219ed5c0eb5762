"use strict";
/* The time of a song: its audio's, or that of a silent clock where no audio can be played. */

/**
 * A clock over the audio element of `root`.
 * `onTime(time)` is called on each frame while it runs and after each seek, `onLength()` when the
 * length of the audio becomes known.
 */
function makeClock(root, {onTime, onLength}) {
  const audio = root.querySelector("audio");
  const panel = root.querySelector(".silent");
  const button = panel.querySelector("button");
  const slider = panel.querySelector("input");
  const trouble = root.querySelector(".trouble");
  const silent = {on: false, time: 0, since: null};
  let song = null;
  let frame = 0;

  function time() {
    if (!silent.on) return audio.currentTime;
    const passed = silent.since === null ? 0 : (performance.now() - silent.since) / 1000;
    return Math.min(song.end, silent.time + passed);
  }

  function playing() {
    return silent.on ? silent.since !== null : !audio.paused && !audio.ended;
  }

  function length() {
    return !silent.on && Number.isFinite(audio.duration) ? Math.max(audio.duration, song.end) : song.end;
  }

  function tell() {
    if (silent.on) {
      slider.value = time();
      slider.setAttribute("aria-valuetext", minutes(time()));
      button.textContent = playing() ? "❚❚" : "▶";
    }
    onTime(time());
  }

  function run() {
    cancelAnimationFrame(frame);
    tell();
    if (silent.on && playing() && time() >= song.end) pause();
    if (playing()) frame = requestAnimationFrame(run);
  }

  function play() {
    if (silent.on) {
      if (time() >= song.end) silent.time = 0;
      silent.since = performance.now();
      run();
    } else {
      // What cannot be played is told by the event `error`; a song changed meanwhile is no trouble.
      audio.play().catch(() => {});
    }
  }

  function pause() {
    if (!silent.on) return audio.pause();
    silent.time = time();
    silent.since = null;
    tell();
  }

  function seek(to) {
    const place = Math.min(Math.max(0, to), length());
    if (silent.on) {
      silent.time = place;
      if (silent.since !== null) silent.since = performance.now();
    } else {
      audio.currentTime = place;
    }
    tell();
  }

  function silence(reason) {
    Object.assign(silent, {on: true, time: Math.max(song.start, 0), since: null});
    audio.hidden = true;
    panel.hidden = false;
    slider.max = song.end;
    trouble.textContent = reason;
    trouble.hidden = false;
  }

  function load(next) {
    if (song) pause();
    song = next;
    silent.on = false;
    audio.hidden = !song.audio;
    panel.hidden = trouble.hidden = Boolean(song.audio);
    if (!song.audio) {
      audio.removeAttribute("src");
      silence("There is no audio of this song: the cursor moves in silence.");
      return;
    }
    audio.src = song.audio;
    audio.currentTime = Math.max(song.start, 0);
  }

  audio.addEventListener("play", run);
  audio.addEventListener("pause", tell);
  audio.addEventListener("seeked", tell);
  audio.addEventListener("timeupdate", tell);
  audio.addEventListener("loadedmetadata", onLength);
  audio.addEventListener("error", () => {
    if (!audio.getAttribute("src")) return;
    silence(`The browser cannot play ${song.audio}: the cursor moves in silence.`);
    tell();
  });
  button.addEventListener("click", () => (playing() ? pause() : play()));
  slider.addEventListener("input", () => seek(Number(slider.value)));

  return {load, tell, time, playing, play, pause, seek, length};
}
