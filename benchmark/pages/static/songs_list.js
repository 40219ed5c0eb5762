"use strict";
/* The table of songs: sorted by its heads, filtered by text and word, drawn as far as one scrolls. */

const ROWS_AT_ONCE = 100;
const NAMES = new Intl.Collator(undefined, {numeric: true, sensitivity: "base"});

/** The table: `mark(song)` shows which song is selected, `beside(song, step)` is its neighbour. */
function songList(root, onSelect) {
  const box = root.querySelector(".box");
  const body = root.querySelector("tbody");
  const columns = [...root.querySelectorAll("[data-column]")];
  const keys = columns.map((button) => button.dataset.column);
  const wanted = {text: "", word: "", column: null, descending: false};
  const texts = new Map(SONGS.map((song) =>
    [song, [song.name, ...song.about.flat()].join(" ").toLowerCase()]));
  const rows = new Map();
  let order = [...SONGS];
  let selected = null;

  function update() {
    order = SONGS.filter((song) =>
      texts.get(song).includes(wanted.text) && (!wanted.word || song.word === wanted.word));
    if (wanted.column) order.sort(comparing(wanted.column, wanted.descending));
    body.replaceChildren();
    box.scrollTop = 0;
    drawUntil(ROWS_AT_ONCE);
    root.querySelector(".none").hidden = order.length > 0;
    root.querySelector(".count").textContent = order.length === SONGS.length
      ? `${SONGS.length.toLocaleString("en")} songs`
      : `${order.length.toLocaleString("en")} of ${SONGS.length.toLocaleString("en")} songs`;
  }

  function drawUntil(count) {
    const more = order.slice(body.childElementCount, count);
    body.append(...more.map(rowOf));
  }

  function rowOf(song) {
    if (!rows.has(song)) rows.set(song, songRow(song, keys));
    return rows.get(song);
  }

  function sortBy(button) {
    const {column} = button.dataset;
    const first = column !== "name" && column !== "word";
    wanted.descending = wanted.column === column ? !wanted.descending : first;
    wanted.column = column;
    for (const other of columns) {
      const direction = wanted.descending ? "descending" : "ascending";
      other.closest("th").setAttribute("aria-sort", other === button ? direction : "none");
    }
    update();
  }

  function reveal(song) {
    const place = order.indexOf(song);
    if (place < 0) return;
    drawUntil(place + ROWS_AT_ONCE / 2);
    const row = rowOf(song);
    const head = root.querySelector("thead").offsetHeight;
    const seen = row.offsetTop - box.scrollTop >= head &&
      row.offsetTop + row.offsetHeight - box.scrollTop <= box.clientHeight;
    if (!seen) box.scrollTop = row.offsetTop - head - 2 * row.offsetHeight;
  }

  box.addEventListener("scroll", () => {
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    if (left < box.clientHeight) drawUntil(body.childElementCount + ROWS_AT_ONCE);
  });
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      onSelect(SONGS[row.dataset.song]);
    }
  });
  for (const button of columns) button.addEventListener("click", () => sortBy(button));
  root.querySelector("input").addEventListener("input", (event) => {
    wanted.text = event.target.value.trim().toLowerCase();
    update();
  });
  root.querySelector("select")?.addEventListener("change", (event) => {
    wanted.word = event.target.value;
    update();
  });
  update();

  return {
    mark(song) {
      if (selected) rowOf(selected).removeAttribute("aria-current");
      selected = song;
      rowOf(song).setAttribute("aria-current", "true");
      reveal(song);
    },
    beside(song, step) {
      const place = order.indexOf(song);
      if (place < 0) return order[0] ?? null;
      return order[place + step] ?? null;
    },
  };
}

/** What a column sorts by: "end" is a number of the song, "arousal.mean" of its facts. */
function columnValue(song, column) {
  const [target, fact] = column.split(".");
  return fact ? song.facts[target]?.[fact] ?? null : song[column] || (song[column] === 0 ? 0 : null);
}

/** A comparison of songs by a column; what has no value stands last in either direction. */
function comparing(column, descending) {
  const sign = descending ? -1 : 1;
  return (one, other) => {
    const [a, b] = [columnValue(one, column), columnValue(other, column)];
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (typeof a === "string" ? NAMES.compare(a, b) : a - b);
  };
}

/** The row of a song with a cell a column. */
function songRow(song, keys) {
  const row = make("tr", {}, ...keys.map((key) => songCell(song, key)));
  row.dataset.song = SONGS.indexOf(song);
  return row;
}

/** The cell of a song in a column. */
function songCell(song, key) {
  const value = columnValue(song, key);
  if (key === "name") return nameCell(song);
  if (key === "word") return make("td", {}, value ? wordChip(WORDS.indexOf(value)) : "–");
  if (key === "end") return make("td", {className: "number"}, minutes(value ?? 0));
  if (!key.endsWith(".mean")) return make("td", {className: "number"}, plain(value));
  const bar = make("i", {hidden: value === null});
  bar.style.setProperty("--value", onScale(value ?? 0));
  const number = make("span", {textContent: signed(value)});
  return make("td", {className: `number bar ${key.split(".")[0]}`}, bar, number);
}

/** The head of a row: the name, which leads to the song, and what else is known of it. */
function nameCell(song) {
  const link = make("a", {href: song.anchor, textContent: song.name, title: song.name});
  const about = song.about.map(([, text]) => text).join(" · ");
  return make("th", {scope: "row"}, link, make("small", {textContent: about, title: about}));
}
