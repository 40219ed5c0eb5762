"use strict";
/* The curves of a song over time with their cursors, and the share of its seconds per word. */

const MARGIN = {l: 38, r: 8, t: 6, b: 24};
const SCALE = {tickvals: [-1, -0.5, 0, 0.5, 1], ticktext: ["−1", "", "0", "", "+1"]};

/** A figure of one target: `show(song, end)` draws its curves, `move(time)` sets the cursor. */
function curveFigure(figure, onSeek) {
  const {target} = figure.dataset;
  const plot = figure.querySelector(".plot");
  const cursor = figure.querySelector(".cursor");
  let end = 1;

  function width() {
    return plot.clientWidth - MARGIN.l - MARGIN.r;
  }

  function seek(event) {
    const place = (event.clientX - plot.getBoundingClientRect().left - MARGIN.l) / width();
    onSeek(Math.min(1, Math.max(0, place)) * end);
  }

  plot.addEventListener("pointerdown", (event) => event.isPrimary && event.button === 0 && seek(event));
  plot.addEventListener("pointermove", (event) => event.buttons === 1 && seek(event));

  return {
    show(song, seconds) {
      end = seconds;
      const curve = song.curves[target];
      figure.hidden = !curve;
      if (!curve) return;
      figure.querySelector(".facts").textContent = factsLine(song.facts[target]);
      chart(figure.querySelector(".chart"), () => curveChart(song, curve, target, end));
    },
    move(time) {
      cursor.style.transform = `translateX(${MARGIN.l + (time / end) * width()}px)`;
    },
  };
}

/** The facts of a target in a line. */
function factsLine({mean, sd, rmse}) {
  const parts = [`mean ${signed(mean)}`, `SD ${plain(sd)}`];
  if (rmse !== null) parts.push(`RMSE ${plain(rmse)}`);
  return parts.join(" · ");
}

/** The chart of one target of a song, from 0 to `end` seconds. */
function curveChart(song, curve, target, end) {
  const times = (curve.predicted ?? curve.annotated ?? []).map((_, index) => middle(song, index));
  const ticks = timeTicks(end);
  const reach = Math.max(1, ...furthest(curve.predicted), ...furthest(curve.annotated));
  return {
    traces: [
      ...(curve.annotated && curve.spread ? bandTraces(times, curve) : []),
      ...(curve.annotated ? [lineTrace(song, times, curve.annotated, "annotated", target)] : []),
      ...(curve.predicted ? [lineTrace(song, times, curve.predicted, "predicted", target)] : []),
    ],
    layout: {
      height: 158,
      margin: MARGIN,
      showlegend: false,
      dragmode: false,
      hovermode: "closest",
      hoverdistance: -1,
      xaxis: {
        range: [0, end], fixedrange: true, automargin: false, zeroline: false, showgrid: false,
        tickvals: ticks, ticktext: ticks.map((time) => minutes(time)),
        tickfont: {color: colour("faint"), size: 11},
      },
      yaxis: {
        range: [-1.05 * reach, 1.05 * reach], fixedrange: true, automargin: false,
        ...(reach > 1 ? {nticks: 5} : SCALE), tickfont: {color: colour("faint"), size: 11},
        zerolinecolor: colour("faint"), zerolinewidth: 1,
      },
    },
  };
}

/** The largest absolute value of a curve, in a list; none of what is not there. */
function furthest(values) {
  return values ? [values.reduce((most, value) => Math.max(most, Math.abs(value ?? 0)), 0)] : [];
}

/** Round times up to `end`, not more than one can read. */
function timeTicks(end) {
  const steps = [5, 10, 15, 30, 60, 120];
  const step = steps.find((seconds) => end / seconds <= 8) ?? Math.ceil(end / 480) * 60;
  return Array.from({length: Math.floor(end / step) + 1}, (_, index) => index * step);
}

/** A line through the middles of the labels; hovering names the label by its start. */
function lineTrace(song, times, values, name, target) {
  const predicted = name === "predicted";
  return {
    x: times, y: values, name, mode: "lines",
    customdata: times.map((time) => time - PERIOD / 2),
    hovertemplate: `${name} %{y:+.2f} at %{customdata:.1f} s<extra></extra>`,
    line: {color: colour(predicted ? target : "text"), width: predicted ? 2.5 : 1.25},
  };
}

/** The band of the raters: mean ± SD, a closed area per unbroken stretch of labels. */
function bandTraces(times, {annotated, spread}) {
  const known = annotated.map((value, index) => value !== null && spread[index] !== null);
  const edge = (sign) => annotated.map((value, index) =>
    known[index] ? Math.max(-1, Math.min(1, value + sign * spread[index])) : null);
  const [lower, upper] = [edge(-1), edge(1)];
  return stretches(known).flatMap(([from, to]) => {
    const shared = {x: times.slice(from, to), mode: "lines", line: {width: 0}, hoverinfo: "skip"};
    const fill = {fill: "tonexty", fillcolor: colour("band")};
    return [
      {...shared, y: lower.slice(from, to)},
      {...shared, ...fill, y: upper.slice(from, to)},
    ];
  });
}

/** The [from, to) of each unbroken run of true. */
function stretches(known) {
  const found = [];
  known.forEach((value, index) => {
    if (value && !known[index - 1]) found.push([index, index]);
    if (value) found.at(-1)[1] = index + 1;
  });
  return found;
}

/** The figure of the share of a song's seconds near each word. */
function radialFigure(figure) {
  return {
    show(song) {
      figure.hidden = song.shares.length === 0;
      if (figure.hidden) return;
      figure.querySelector(".facts").textContent = leadingWords(song.shares);
      chart(figure.querySelector(".chart"), () => radialChart(song.shares));
    },
  };
}

/** The most frequent words of a song with their shares. */
function leadingWords(shares) {
  return shares
    .map((share, index) => ({share, word: WORDS[index]}))
    .filter(({share}) => share > 0)
    .sort((one, other) => other.share - one.share)
    .slice(0, 2)
    .map(({share, word}) => `${word} ${Math.round(100 * share)} %`)
    .join(" · ");
}

/** The angle between two words on the side where the fewest seconds are: for the scale. */
function emptyAngle(shares) {
  const sums = shares.map((_, index) =>
    [-1, 0, 1, 2].reduce((sum, step) => sum + shares.at((index + step) % shares.length), 0));
  return (sums.indexOf(Math.min(...sums)) + 0.5) * STEP;
}

/** The radial chart: a bar a word, at its angle in the plane. */
function radialChart(shares) {
  const scale = emptyAngle(shares);
  const angles = WORDS.map((_, index) => index * STEP);
  return {
    traces: [{
      type: "barpolar", r: shares.map((share) => 100 * share), theta: angles,
      width: WORDS.map(() => STEP - 2), text: WORDS,
      marker: {color: WORDS.map((_, index) => wordColour(index))},
      hovertemplate: "%{text} %{r:.0f} %<extra></extra>",
    }],
    layout: {
      height: 284,
      margin: {l: 64, r: 64, t: 24, b: 24},
      dragmode: false,
      polar: {
        bgcolor: "rgba(0,0,0,0)",
        angularaxis: {
          tickvals: angles, ticktext: WORDS, tickfont: {size: 10, color: colour("faint")},
          gridcolor: colour("line"), linecolor: colour("line"), ticks: "",
        },
        radialaxis: {
          angle: scale, tickangle: scale, nticks: 3, rangemode: "tozero",
          ticksuffix: " %", showline: false, ticks: "",
          tickfont: {size: 10, color: colour("faint")}, gridcolor: colour("line"),
        },
      },
    },
  };
}
