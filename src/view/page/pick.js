// A cell computed again in the page: its motion, and what becomes of it.

// Most steps of a motion.
const MOST_STEPS = 3e6;
let picks = 0;

function table_for(p) {
  const found = data.tables.find((t) => t.l === p.l && t.lambda === p.lambda);
  return found ? open_table(found) : null;
}

const pause = () => new Promise((done) => { setTimeout(done, 0); });

// Integrates a cell until it repeats; gives null if another cell is asked for meanwhile.
async function compute(index, start, number) {
  const p = parameters_of(index);
  const table = table_for(p);
  if (!table) return { error: 'the file has no conductance table for this geometry' };
  const n = neuron_at(p, table);
  const state = start_state(n, data.starts[start]);
  if (!state) return { error: 'the cell has no such equilibrium to start from' };
  const settle = value_of(columns.get('settle_time'), index, start);
  const m = open_motion(n, state, data.dt);
  while (m.window.step < MOST_STEPS && !advance(m, 20000, Number.isFinite(settle) ? settle : 0)) {
    await pause();
    if (number !== picks) return null;
  }
  const last = m.window.maxima.slice(-MOST_MAXIMA);
  const found = m.found ?? {
    outcome: 'not settled', period: NaN, maxima: 0,
    span: Math.max(...last.map((q) => q.v)) - Math.min(...last.map((q) => q.trough)),
  };
  return { ...found, motion: m, time: m.window.step * m.dt };
}

// The results of `pick`, for tests and scripts as well.
async function pick(index, start = view.start) {
  picks += 1;
  const number = picks;
  view.index = index.slice();
  view.picked = index.slice();
  view.start = start;
  element('start').value = String(start);
  draw();
  show_cell(index, false);
  document.getElementById('verdict').textContent = 'Computing …';
  await pause();
  const result = await compute(index, start, number);
  if (!result) return null;
  const { motion, ...numbers } = result;
  window.hopfmap.last = { index: index.slice(), start, command: command_of(index, start), ...numbers };
  show_result(index, start, result);
  return window.hopfmap.last;
}
