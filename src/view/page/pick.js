// A cell computed again in the page: its motion, and what becomes of it.

// Most steps of a motion.
const MOST_STEPS = 3e6;
// Part of the largest amplitude below which all is rounding.
const FLOOR = 1e-6;
let picks = 0;

function table_for(p) {
  const found = (data.tables ?? []).find((t) => t.l === p.l && t.lambda === p.lambda);
  return found ? open_table(found) : null;
}

// The state that a ramp's cell starts from: at the mean V of the value before it, up or down; the top comes twice.
function state_before(n, index, direction) {
  const last = shape[0] - 1;
  const before = [index[0] + (direction === 0 ? -1 : 1), ...index.slice(1)];
  if (before[0] < 0) return [0, 0, n.Z_T, 0];
  const v = before[0] > last ? value_of(columns.get('v_mean'), [last, ...index.slice(1)], 0) : value_of(columns.get('v_mean'), before, direction);
  return Number.isFinite(v) ? [1e-3, 0, n.Z_T * (1 - 1e-6), v] : null;
}

const pause = () => new Promise((done) => { setTimeout(done, 0); });

// Integrates a cell until it repeats; gives null once it is no longer wanted.
async function compute(index, start, is_wanted) {
  const p = parameters_of(index);
  const table = table_for(p);
  if (!table) return { error: 'the file has no conductance table for this geometry' };
  const n = neuron_at(p, table);
  const state = data.kind === 'ramp' ? state_before(n, index, start) : start_state(n, data.starts[start]);
  if (!state) return { error: 'there is no such state to start from' };
  const settle = columns.has('settle_time') ? value_of(columns.get('settle_time'), index, start) : NaN;
  const m = open_motion(n, state, data.dt);
  while (m.window.step < MOST_STEPS && !advance(m, 20000, Number.isFinite(settle) ? settle : 0)) {
    await pause();
    if (!is_wanted()) return null;
  }
  const last = m.window.maxima.slice(Math.floor(m.window.maxima.length / 2));
  const extreme = (better, of) => last.reduce((best, q) => (better(of(q), best) ? of(q) : best), of(last[0]));
  const found = m.found ?? {
    outcome: 'not settled', period: NaN, maxima: 0,
    span: last.length ? extreme((a, b) => a > b, (q) => q.v) - extreme((a, b) => a < b, (q) => q.trough) : NaN,
  };
  const time = m.window.step * m.dt;
  const is_cycle = Number.isFinite(found.period);
  // What comes to rest is shown on its way.
  const cycle = found.outcome === 'steady' ? record_of(m) : follow(m, is_cycle ? found.period : Math.min(40 * Math.PI / n.Omega, time));
  const spectrum = is_cycle ? harmonics(cycle.v, found.period) : amplitudes(cycle.v, cycle.t[1]);
  return { ...found, v_end: m.s[3], time, way: way_of(m), cycle, spectrum, floor: FLOOR };
}

// The results of a cell, for tests and scripts as well.
async function pick(index, start = view.start) {
  picks += 1;
  const number = picks;
  const is_elsewhere = index.some((i, axis) => i !== view.index[axis]);
  view.index = index.slice();
  view.picked = index.slice();
  view.start = start;
  element('start').value = String(start);
  // The cell may be of another slice.
  if (is_elsewhere) refresh(true);
  draw();
  show_cell(index, false);
  element('verdict').textContent = 'Computing …';
  await pause();
  const result = await source.motion(index, start, () => number === picks);
  if (!result) return null;
  const { way, cycle, spectrum, floor, ...numbers } = result;
  window.hopfmap.last = { index: index.slice(), start, command: command_of(index, start), ...numbers };
  show_result(index, start, result);
  return window.hopfmap.last;
}
