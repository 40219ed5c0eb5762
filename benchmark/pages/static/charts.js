"use strict";
/* What the scripts of all pages share: the data, and charts in the colours of the page. */

const DATA = JSON.parse(document.getElementById("data").textContent);
const DARK = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();

/** The value of a colour of the style sheet, such as "arousal". */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

/** Text as Plotly shows it letter by letter: it would take some tags for markup. */
function literally(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * Draw a chart, and again when the reader turns from light to dark.
 * `make` returns {traces, layout}; it is called each time, so that it may ask for colours.
 */
function chart(element, make) {
  drawn.set(element, make);
  const {traces, layout} = make();
  const axis = {gridcolor: colour("line"), zerolinecolor: colour("line"), automargin: true};
  const styled = {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: {family: "system-ui, sans-serif", size: 13, color: colour("text")},
    hoverlabel: {bgcolor: colour("panel"), font: {color: colour("text")}},
    margin: {l: 50, r: 10, t: 10, b: 40},
    ...layout,
  };
  for (const name of Object.keys(layout)) {
    if (/^[xy]axis\d*$/.test(name)) styled[name] = {...axis, ...layout[name]};
  }
  for (const name of ["xaxis", "yaxis"]) styled[name] ??= axis;
  return Plotly.react(element, traces, styled, {
    responsive: true, displaylogo: false, displayModeBar: false,
  });
}

DARK.addEventListener("change", () => {
  for (const [element, make] of drawn) chart(element, make);
});
