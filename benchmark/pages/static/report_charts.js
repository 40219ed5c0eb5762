"use strict";
/* The figures of the report: each takes a panel of the page's data and returns {traces, layout}. */

const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "star", "hexagon", "x"];
const DASHES = ["dash", "dashdot", "longdash", "longdashdot"];
const NARROW = matchMedia("(max-width: 45rem)");
const COLOURS = 8;

const rowsOf = (panel) => DATA.tracks[panel.track].rows;
const tone = (row) => row.constant ? colour("faint") : colour("series-" + row.colour % COLOURS);
const symbol = (row) => SYMBOLS[row.symbol % SYMBOLS.length];
const dash = (row) => DASHES[row.symbol % DASHES.length];
const label = (row) => literally((row.mark ? "⚠ " : "") + row.name);
const fixed = (value, digits = 4) => value === null ? "–" : value.toFixed(digits);
const between = (low, high, digits = 3) => `[${fixed(low, digits)}, ${fixed(high, digits)}]`;
const faint = (hex, share) => hex + Math.round(255 * share).toString(16).padStart(2, "0");

/** The first row of each model, the constants, and how a legend shows or hides a row. */
function firstOfModels(rows) {
  const seen = new Set();
  return rows.map((row) => {
    const first = row.constant || !seen.has(row.model);
    seen.add(row.model);
    return first ? true : "legendonly";
  });
}

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
    layout.xaxis = {title: {text: "RMSE per song"}, range, zeroline: false, fixedrange: true};
    layout.shapes = [];
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
        text: `rank ${rank}`, xref: "paper", x: 1, xanchor: "right", y: first,
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

  songs(panel) {
    const rows = rowsOf(panel);
    const layout = lines(rows.map(label), {spacing: 32});
    layout.xaxis = {title: {text: "RMSE per song"}, rangemode: "tozero", zeroline: false};
    const ids = DATA.songs[panel.ids].map(literally);
    return {layout, traces: rows.map((row, at) => ({
      type: "box", orientation: "h", x: panel.values[at], y0: -1 - at, name: label(row), text: ids,
      boxpoints: panel.every ? "all" : "outliers", jitter: 0.6, pointpos: 0, width: 0.62,
      marker: {size: 3, color: faint(tone(row), panel.every ? 0.4 : 0.6)},
      line: {color: row.mark ? colour("bad") : tone(row), width: 1.5},
      fillcolor: "rgba(0,0,0,0)", hoveron: "points",
      hovertemplate: "%{text}: %{x:.3f}<extra>" + label(row) + "</extra>",
    }))};
  },

  subsets(panel) {
    const rows = rowsOf(panel);
    const visible = firstOfModels(rows);
    const shown = rows.map((_, at) => at).filter((at) => visible[at] === true);
    const layout = lines(panel.names.map(literally), {spacing: 16 * shown.length + 30});
    if (NARROW.matches) layout.height = (14 * shown.length + 50) * panel.names.length + 60;
    layout.xaxis = {title: {text: "RMSE per song"}, zeroline: false};
    layout.shapes = panel.names.slice(1).map((_, at) => ({
      type: "line", xref: "paper", x0: 0, x1: 1, y0: -1.5 - at, y1: -1.5 - at,
      line: {color: colour("line"), width: 1},
    }));
    const offset = (at) => {
      const place = shown.indexOf(at);
      if (place >= 0) return 0.3 - 0.62 * (place + 0.5) / shown.length;
      return 0.3 - 0.62 * ((at * 0.37) % 1);
    };
    const traces = rows.map((row, at) => dots(row, {
      visible: visible[at],
      x: panel.values[at].map((value) => value[0]),
      y: panel.names.map((_, subset) => -1 - subset + offset(at)),
      high: panel.values[at].map((value) => (value[2] ?? value[0]) - value[0]),
      low: panel.values[at].map((value) => value[0] - (value[1] ?? value[0])),
    }));
    if (!rows.some((row) => row.constant)) traces.push({
      type: "scatter", mode: "markers", name: "constant", x: panel.constant,
      y: panel.names.map((_, subset) => -1.36 - subset),
      marker: {symbol: "diamond-open", size: 9, color: colour("faint")},
      hovertemplate: "%{x:.4f}<extra>constant</extra>",
    });
    return {traces, layout: withLegend(layout, traces.length)};
  },

  along(panel) {
    const rows = rowsOf(panel);
    const visible = firstOfModels(rows);
    const traces = rows.map((row, at) => ({
      type: "scatter", mode: "lines", name: label(row), visible: visible[at], x: panel.times,
      y: panel.values[at], line: {
        color: tone(row), width: row.constant ? 1.5 : 2,
        dash: row.constant ? "dot" : visible[at] === true ? "solid" : dash(row),
      },
      hovertemplate: "%{y:.4f}<extra>" + label(row) + "</extra>",
    }));
    if (!rows.some((row) => row.constant)) traces.push({
      type: "scatter", mode: "lines", name: "constant", x: panel.times, y: panel.constant,
      line: {color: colour("faint"), width: 1.5, dash: "dot"},
      hovertemplate: "%{y:.4f}<extra>constant</extra>",
    });
    traces.push({
      type: "bar", x: panel.times, y: panel.counts, yaxis: "y2", showlegend: false,
      marker: {color: colour("line")}, hovertemplate: "%{y} songs<extra></extra>",
    });
    const few = panel.counts.findIndex((count) => count < Math.max(...panel.counts) / 2);
    const layout = few < 0 ? {} : {
      shapes: [{
        type: "line", yref: "paper", y0: 0, y1: 1, x0: panel.times[few], x1: panel.times[few],
        line: {color: colour("faint"), width: 1, dash: "dot"},
      }],
      annotations: [{
        text: `${panel.counts[few]} songs or fewer from here`, showarrow: false, yref: "paper",
        x: panel.times[few], xanchor: "left", y: 1, yanchor: "bottom",
        font: {size: 11, color: colour("faint")},
      }],
    };
    return {traces, layout: withLegend({
      ...layout, margin: {l: 50, r: 10, t: 24, b: 46}, height: NARROW.matches ? 360 : 420,
      hovermode: "x unified", bargap: 0,
      xaxis: {title: {text: "seconds into the song"}, anchor: "y2", zeroline: false},
      yaxis: {title: {text: "RMSE over songs"}, domain: [0.24, 1], zeroline: false},
      yaxis2: {title: {text: "songs"}, domain: [0, 0.16], rangemode: "tozero", nticks: 3},
    }, traces.length - 1)};
  },

  learning(panel) {
    const row = rowsOf(panel)[panel.row];
    const traces = [0, 1].flatMap((part) => {
      const curves = panel.jobs.map((job) => job[part]).filter((values) => values.length);
      const style = {color: tone(row), dash: part ? "dot" : "solid"};
      const epochs = (values) => values.map((_, at) => at + 1);
      const reached = Math.min(...curves.map((values) => values.length));
      const mean = !curves.length ? [] : Array.from({length: reached}, (_, at) =>
        curves.reduce((sum, values) => sum + values[at], 0) / curves.length);
      return [
        ...curves.map((values) => ({
          type: "scatter", mode: "lines", x: epochs(values), y: values, opacity: 0.4,
          line: {...style, width: 1}, hoverinfo: "skip", showlegend: false,
        })),
        {
          type: "scatter", mode: "lines", x: epochs(mean), y: mean, line: {...style, width: 2.5},
          hovertemplate: "%{y:.4f}<extra>" + (part ? "validation" : "training") + "</extra>",
          showlegend: false,
        },
      ];
    });
    return {traces, layout: {
      height: 220, hovermode: "x unified",
      xaxis: {title: {text: "epoch"}, zeroline: false},
      yaxis: {title: {text: literally(panel.unit)}, zeroline: false},
    }};
  },

  optimism(panel) {
    const names = panel.protocols.map((name, at) =>
      literally((panel.marks[at] ? `⚠ ${panel.marks[at]}: ` : "") + name));
    const layout = lines(names, {spacing: 18 * panel.models.length + 24});
    if (NARROW.matches) layout.height = (16 * panel.models.length + 40) * names.length + 60;
    layout.xaxis = {
      title: {text: "optimism, RMSE per song"}, zerolinecolor: colour("text"), tickformat: "+.3~f",
    };
    layout.shapes = panel.marks.map((mark, at) => ({
      type: "rect", xref: "paper", x0: 0, x1: 1, y0: -0.5 - at, y1: -1.5 - at, layer: "below",
      line: {width: 0}, fillcolor: mark ? faint(colour("bad"), 0.07) : "rgba(0,0,0,0)",
    }));
    const step = 0.64 / panel.models.length;
    const traces = panel.models.map((model, at) => ({
      type: "scatter", mode: "markers", name: literally(model.name), x: model.optimism,
      y: model.protocols.map((name) =>
        -1 - panel.protocols.indexOf(name) + 0.3 - step * (at + 0.5)),
      marker: {
        size: 10, color: tone(model), line: {width: 1.5, color: tone(model)},
        symbol: model.apart.map((apart) => symbol(model) + (apart ? "" : "-open")),
      },
      customdata: model.skill.map((skill, place) => [
        fixed(skill, 3), literally(model.marks[place] ? `, ⚠ ${model.marks[place]}` : ""),
      ]),
      hovertemplate: "%{x:+.4f} RMSE, %{customdata[0]} skill%{customdata[1]}<extra>" +
        literally(model.name) + "</extra>",
    }));
    return {traces, layout: withLegend(layout, traces.length)};
  },
};

/** An entry of a legend that stands for a colour or a symbol, not for a row. */
function key(name, marker) {
  return {
    type: "scatter", mode: "markers", x: [null], y: [null], name: literally(name),
    marker: {size: 9, ...marker},
  };
}

/** Points of a row with bars; `low` and `high` are the lengths of the bars. */
function dots(row, {low, high, ...trace}) {
  return {
    type: "scatter", mode: "markers", name: label(row), ...trace,
    error_x: {
      type: "data", symmetric: false, array: high, arrayminus: low, color: faint(tone(row), 0.5),
      thickness: 1.5, width: 0,
    },
    marker: {size: 9, symbol: symbol(row), color: tone(row)},
    hovertemplate: "%{x:.4f}<extra>" + label(row) + "</extra>",
  };
}
