// The pictures of a computed motion.

const plots = new Map();

// A curve in an element, drawn by uPlot.
function curve(id, xs, ys, powers) {
  const element = document.getElementById(id);
  plots.get(id)?.destroy();
  const axis = { stroke: ink('quiet'), grid: { stroke: ink('line'), width: 1 }, ticks: { stroke: ink('line') }, size: 52, font: '12px system-ui' };
  const options = {
    width: Math.max(element.clientWidth, 100), height: Math.max(element.clientHeight, 80), legend: { show: false },
    scales: { x: { time: false }, y: {} },
    axes: [{ ...axis, size: 28 }, powers ? { ...axis, values: (_, list) => list.map((y) => (Number.isInteger(y) ? `1e${y}` : '')) } : axis],
    series: [{}, { stroke: ink('accent'), width: 1.5, points: { show: powers } }], cursor: { y: false },
  };
  plots.set(id, new uPlot(options, [xs, ys], element));
}

// The way from the start: its first 60 tau_c, or what is kept of them.
function way_of(m) {
  const n = Math.min(m.record.length / 4, Math.ceil(60 / m.dt));
  const at = (i) => m.record[4 * i + 3];
  return { t: Array.from({ length: n }, (_, i) => i * m.dt), v: Array.from({ length: n }, (_, i) => at(i)) };
}

let shown_result = null;

function show_result(index, start, result) {
  shown_result = [index, start, result];
  const verdict = document.getElementById('verdict');
  const command = command_of(index, start);
  document.getElementById('repeat').textContent = command;
  document.getElementById('repeat_line').hidden = false;
  if (result.error) {
    verdict.textContent = `Not computed: ${result.error}.`;
    for (const plot of plots.values()) plot.destroy();
    plots.clear();
    for (const id of ['plot_p', 'plot_b']) element(id).getContext('2d').clearRect(0, 0, 1e4, 1e4);
    drawn_motion = null;
    return;
  }
  const m = result.motion;
  const span = value_of(columns.get('span'), index, start);
  const file = texts_of(index, start);
  const own = result.outcome === 'oscillating' ? `, period ${shown(result.period)} τc` : '';
  verdict.textContent = `Here: ${result.outcome}, span ${shown(result.span)}${own}, after ${shown(result.time)} τc. `
    + `File: ${file.outcome}, span ${shown(span)}, by ${file.certificate}.`;
  const time = Number.isFinite(result.period) ? result.period : Math.min(40 * Math.PI / m.n.Omega, result.time);
  const cycle = follow(m, time);
  const way = way_of(m);
  curve('plot_v', way.t, way.v, false);
  const long = Number.isFinite(result.period);
  const s = long ? harmonics(cycle.v, result.period) : amplitudes(cycle.v, cycle.t[1]);
  const most = Math.max(...s.amplitude, 1e-15);
  // Six decades: what is below is rounding.
  const seen = s.amplitude.map((a, i) => [s.frequency[i], a]).filter(([, a]) => a >= 1e-6 * most);
  curve('plot_s', seen.map((p) => p[0]), seen.map((p) => Math.log10(p[1])), true);
  draw_phase(cycle);
}
