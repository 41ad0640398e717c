// The pictures of a motion: V over time, spectrum, and the cycle in (X, V) and (X, Y, Z).

const plots = new Map();

// A curve in an element, drawn by uPlot; `powers` are logarithms to base 10.
function curve(id, xs, ys, { powers = false, points = false } = {}) {
  const place_of = element(id);
  plots.get(id)?.destroy();
  const axis = { stroke: ink('quiet'), grid: { stroke: ink('line'), width: 1 }, ticks: { stroke: ink('line') }, size: 68, font: '12px system-ui' };
  const decimals = (_, list, __, ___, step) => {
    const places = [0, 1, 2, 3, 4, 5, 6].find((n) => Math.abs(step * 10 ** n - Math.round(step * 10 ** n)) < 1e-6 * step * 10 ** n) ?? 7;
    return list.map((y) => y.toFixed(places));
  };
  const power = (_, list) => list.map((y) => (Number.isInteger(y) ? `1e${y}` : ''));
  const options = {
    width: Math.max(place_of.clientWidth, 100), height: Math.max(place_of.clientHeight, 80), legend: { show: false },
    scales: { x: { time: false }, y: {} },
    axes: [{ ...axis, size: 28 }, { ...axis, values: powers ? power : decimals }],
    series: [{}, { stroke: ink('accent'), width: 1.5, points: { show: points } }], cursor: { y: false },
  };
  plots.set(id, new uPlot(options, [xs, ys], place_of));
}

// Zooms and moves a curve by keys: factor of its width, and shift in parts of it; all of it again for a factor of 0.
function zoom_curve(id, factor, shift) {
  const plot = plots.get(id);
  if (!plot) return;
  const xs = plot.data[0];
  const [first, last] = [xs[0], xs[xs.length - 1]];
  const { min, max } = plot.scales.x;
  const width = Math.min(factor === 0 ? last - first : (max - min) * factor, last - first);
  const low = Math.min(Math.max(0.5 * (min + max - width) + shift * width, first), last - width);
  plot.setScale('x', { min: low, max: low + width });
}

// Keys of the curves, which a mouse zooms by dragging.
function listen_to_curves() {
  const keys = { '+': [0.5, 0], '=': [0.5, 0], '-': [2, 0], 0: [0, 0], ArrowLeft: [1, -0.2], ArrowRight: [1, 0.2] };
  for (const id of ['plot_v', 'plot_s']) {
    element(id).addEventListener('keydown', (event) => {
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      zoom_curve(id, ...keys[event.key]);
    });
  }
}

let shown_motion = null;

// Shows a motion: `way` over time, `cycle` of the states, and `spectrum`, of which 0 and less are left out.
function show_motion(motion) {
  shown_motion = motion;
  if (!motion) {
    for (const plot of plots.values()) plot.destroy();
    plots.clear();
    for (const id of ['plot_p', 'plot_b']) plain(element(id));
    drawn_motion = null;
    return;
  }
  curve('plot_v', motion.way.t, motion.way.v);
  const { frequency, amplitude } = motion.spectrum;
  // What is below a part of the largest is rounding: of few amplitudes it is left out, of many it is the foot.
  let most = 0;
  for (const a of amplitude) most = Math.max(most, a);
  const foot = Math.max(most * motion.floor, 1e-300);
  const is_few = amplitude.length < 60;
  let last = 0;
  amplitude.forEach((a, i) => { if (a > foot) last = i; });
  const end = Math.max(1.1 * frequency[last], frequency[Math.min(20, frequency.length - 1)]);
  const seen = [...amplitude.keys()].filter((i) => (is_few ? amplitude[i] >= foot : frequency[i] <= end));
  curve('plot_s', seen.map((i) => frequency[i]), seen.map((i) => Math.log10(Math.max(amplitude[i], foot))), { powers: true, points: is_few });
  draw_phase(motion.cycle);
}

// What became of a cell, in words and pictures.
function show_result(index, start, result) {
  element('repeat').textContent = command_of(index, start);
  element('repeat_line').hidden = false;
  const file = texts_of(index, start);
  const by = file.certificate ? `, by ${file.certificate}` : '';
  const from_file = `File: ${file.outcome}, span ${file.span}${by}.`;
  if (result.error) {
    element('verdict').textContent = `Not computed: ${result.error}. ${from_file}`;
    show_motion(null);
    return;
  }
  const own = result.outcome === 'oscillating' ? `, period ${shown(result.period)} τc` : '';
  element('verdict').textContent = `Here: ${result.outcome}, span ${shown(result.span)}${own}, after ${shown(result.time)} τc. ${from_file}`;
  element('caption_p').textContent = result.outcome === 'steady' ? 'V over X, on the way to rest' : 'Limit cycle: V over X';
  show_motion(result);
}
