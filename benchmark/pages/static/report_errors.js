"use strict";
/* More figures: errors by song, subset and time; learning curves; protocols compared. */

const DASHES = ["dash", "dashdot", "longdash", "longdashdot"];
const dash = (row) => DASHES[row.symbol % DASHES.length];

/** The first row of each model, the constants, and how a legend shows or hides a row. */
function firstOfModels(rows) {
  const seen = new Set();
  return rows.map((row) => {
    const first = row.constant || !seen.has(row.model);
    seen.add(row.model);
    return first ? true : "legendonly";
  });
}

Object.assign(CHARTS, {
  songs(panel) {
    const rows = rowsOf(panel);
    const layout = lines(rows.map(label), {spacing: 32});
    layout.xaxis = {title: {text: "RMSE"}, rangemode: "tozero", zeroline: false};
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
    layout.xaxis = {title: {text: "RMSE"}, zeroline: false};
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
});

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
