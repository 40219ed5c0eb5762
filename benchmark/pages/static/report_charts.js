"use strict";
/* Figures of the report: each takes a panel of the page's data and returns {traces, layout}. */

const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "star", "hexagon", "x"];
const NARROW = matchMedia("(max-width: 45rem)");
const COLOURS = 8;

const rowsOf = (panel) => DATA.tracks[panel.track].rows;
const tone = (row) => row.constant ? colour("faint") : colour("series-" + row.colour % COLOURS);
const symbol = (row) => SYMBOLS[row.symbol % SYMBOLS.length];
const label = (row) => literally((row.mark ? "⚠ " : "") + row.name);
const fixed = (value, digits = 4) => value === null ? "–" : value.toFixed(digits);
const between = (low, high, digits = 3) => `[${fixed(low, digits)}, ${fixed(high, digits)}]`;
const faint = (hex, share) => hex + Math.round(255 * share).toString(16).padStart(2, "0");

/** A layout with a legend of so many entries: at the right, or below where there is no room. */
function withLegend(layout, entries) {
  const room = 20 * entries;
  const margin = {l: 50, r: 10, t: 10, b: 46, ...layout.margin};
  if (!NARROW.matches) {
    const height = Math.max(layout.height, room + margin.t + margin.b + 24);
    return {...layout, height, showlegend: true, legend: {x: 1.01, y: 1, font: {size: 11}}};
  }
  return {
    ...layout, height: layout.height + room, margin: {...margin, b: margin.b + room + 8},
    showlegend: true, legend: {
      orientation: "h", entrywidthmode: "fraction", entrywidth: 1, font: {size: 11},
      x: 0, xref: "container", y: 0, yref: "container", yanchor: "bottom", maxheight: room + 20,
    },
  };
}

/** Names beside lines where there is room, above them where there is not; lines are at -1, -2... */
function lines(names, {spacing = 26, ...layout} = {}) {
  const narrow = NARROW.matches;
  const height = (narrow ? 44 : spacing) * names.length + 70;
  const places = names.map((_, at) => -1 - at);
  const yaxis = {
    range: [-names.length - 0.6, narrow ? -0.2 : -0.4], zeroline: false, showgrid: false,
    tickvals: places, ticktext: names, showticklabels: !narrow, fixedrange: true,
    tickfont: {size: 12},
  };
  const annotations = !narrow ? [] : names.map((text, at) => ({
    text, x: 0, xref: "paper", xanchor: "left", y: places[at] + 0.42, yanchor: "middle",
    showarrow: false, font: {size: 11, color: colour("faint")},
  }));
  const margin = {l: narrow ? 8 : 50, r: 10, t: 8, b: 46};
  return {height, yaxis, annotations, margin, showlegend: false, hovermode: "closest", ...layout};
}

const CHARTS = {
  forest(panel) {
    const rows = rowsOf(panel);
    const marks = [
      ...panel.anchors.map((one) => ({...one, shape: "diamond-open", words: fixed(one.rmse)})),
      ...panel.published.map((one) => ({...one, shape: "square"})),
    ];
    const known = rows.flatMap((row) => [row.rmse, row.low ?? row.rmse, row.high ?? row.rmse]);
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const room = 0.06 * (most - least) || 0.01;
    // What is near the rows may widen the scale, what is far off is shown at its edge.
    const near = marks.map((one) => one.rmse)
      .filter((value) => value > least - 0.6 * (most - least) && value < most + 0.6 * (most - least));
    const range = [Math.min(least, ...near) - room, Math.max(most, ...near) + room];
    const names = [...rows.map(label), ...marks.map((one) => literally(one.name))];
    const layout = lines(names);
    const off = (value) => value < range[0] ? -1 : value > range[1] ? 1 : 0;
    const inside = (value) => Math.min(Math.max(value, range[0] + room / 2), range[1] - room / 2);
    layout.xaxis = {title: {text: "RMSE"}, range, zeroline: false, fixedrange: true};
    layout.shapes = [];
    layout.margin.r = 52;
    const groups = Map.groupBy(
      rows.map((row, at) => ({...row, at})).filter((row) => row.rank), (row) => row.rank);
    let shaded = true;
    for (const [rank, members] of groups) {
      const [first, last] = [-1 - members[0].at, -1 - members.at(-1).at];
      if (shaded) layout.shapes.push({
        type: "rect", xref: "paper", x0: 0, x1: 1, y0: first + 0.5, y1: last - 0.5,
        fillcolor: colour("shade"), line: {width: 0}, layer: "below",
      });
      shaded = !shaded;
      layout.annotations.push({
        text: `rank ${rank}`, xref: "paper", x: 1, xanchor: "left", y: first,
        yanchor: "middle", showarrow: false, font: {size: 11, color: colour("faint")},
      });
    }
    const upright = (value, dashes) => ({
      type: "line", x0: value, x1: value, yref: "paper", y0: 0, y1: 1, layer: "below",
      line: {color: colour("faint"), width: 1, dash: dashes},
    });
    for (const row of rows) if (row.constant) layout.shapes.push(upright(row.rmse, "dash"));
    for (const one of marks) if (!off(one.rmse)) layout.shapes.push(upright(one.rmse, "dot"));
    const bars = rows.map((row, at) => ({
      x: [row.rmse], y: [-1 - at], mode: "markers", type: "scatter", cliponaxis: false,
      error_x: {
        type: "data", symmetric: false, color: row.mark ? colour("bad") : tone(row), thickness: 2,
        width: 0, array: [row.high === null ? 0 : row.high - row.rmse],
        arrayminus: [row.low === null ? 0 : row.rmse - row.low],
      },
      marker: {
        size: 10, symbol: symbol(row) + (row.mark ? "-open" : ""),
        color: row.mark ? colour("bad") : tone(row), line: {width: row.mark ? 2 : 0},
      },
      hovertemplate: `${label(row)}<br>RMSE ${fixed(row.rmse)} ${between(row.low, row.high)}` +
        (row.rank ? `, rank ${row.rank}` : `, ${row.mark || "not ranked"}`) + "<extra></extra>",
    }));
    const others = marks.map((one, at) => ({
      x: [inside(one.rmse)], y: [-1 - rows.length - at], type: "scatter", cliponaxis: false,
      mode: "markers+text", marker: {
        size: 9, color: colour("faint"),
        symbol: {"-1": "triangle-left", 0: one.shape, 1: "triangle-right"}[off(one.rmse)],
      },
      text: [" " + literally(one.words) + " "], textfont: {size: 11, color: colour("faint")},
      textposition: inside(one.rmse) > (range[0] + range[1]) / 2 ? "middle left" : "middle right",
      hovertemplate: `${literally(one.name)}: ${literally(one.words)}<extra></extra>`,
    }));
    return {traces: [...bars, ...others], layout};
  },

  cost(panel) {
    const rows = rowsOf(panel);
    const seconds = (value) => Math.max(value, 0.001);
    const [models, features] = [new Set(), new Set()];
    const traces = rows.map((row) => ({
      type: "scatter", mode: "markers", x: [seconds(row.seconds)], y: [row.skill[0]],
      showlegend: false,
      error_y: {
        type: "data", symmetric: false, array: [(row.skill[2] ?? row.skill[0]) - row.skill[0]],
        arrayminus: [row.skill[0] - (row.skill[1] ?? row.skill[0])],
        color: faint(tone(row), 0.45), thickness: 1.2, width: 0,
      },
      error_x: row.searched === null ? {visible: false} : {
        type: "data", symmetric: false, array: [row.searched - row.seconds], arrayminus: [0],
        color: faint(tone(row), 0.45), thickness: 1.2, width: 5,
      },
      marker: {
        size: 10, symbol: symbol(row) + (row.mark ? "-open" : ""), color: tone(row),
        line: {width: row.mark ? 2 : 0},
      },
      hovertemplate: `${label(row)}<br>skill ${fixed(row.skill[0], 3)} ` +
        `${between(row.skill[1], row.skill[2], 2)}<br>${row.seconds.toPrecision(3)} s` +
        (row.searched === null ? "" : `, with all trials ${row.searched.toPrecision(3)} s`) +
        "<extra></extra>",
    }));
    const front = [];
    const believed = rows.filter((row) => !row.mark && row.skill[0] !== null);
    for (const row of believed.toSorted((a, b) => a.seconds - b.seconds || b.skill[0] - a.skill[0])) {
      if (!front.length || row.skill[0] > front.at(-1).skill[0]) front.push(row);
    }
    traces.unshift({
      type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false,
      x: front.map((row) => seconds(row.seconds)), y: front.map((row) => row.skill[0]),
      line: {shape: "hv", color: colour("faint"), width: 1, dash: "dot"},
    });
    for (const row of rows) {
      if (!models.has(row.model)) traces.push(key(row.model, {color: tone(row), symbol: "circle"}));
      models.add(row.model);
    }
    for (const row of rows) {
      if (!features.has(row.feature)) {
        traces.push(key(row.feature, {color: colour("text"), symbol: symbol(row) + "-open"}));
      }
      features.add(row.feature);
    }
    return {traces, layout: withLegend({
      height: NARROW.matches ? 320 : 400, hovermode: "closest",
      xaxis: {type: "log", title: {text: "seconds"}, dtick: 1, zeroline: false},
      yaxis: {title: {text: "skill"}, zerolinecolor: colour("faint")},
    }, models.size + features.size)};
  },
};

/** An entry of a legend that stands for a colour or a symbol, not for a row. */
function key(name, marker) {
  return {
    type: "scatter", mode: "markers", x: [null], y: [null], name: literally(name),
    marker: {size: 9, ...marker},
  };
}
