// A motion from its start until it repeats, or comes to rest.

// Most maxima in a period that are looked for.
const MOST_MAXIMA = 32;
// Most states that are kept for the picture of the way.
const MOST_KEPT = 16384;
// Maxima between looks.
const LOOK = 24;

// A run of a neuron from a state.
function open_motion(n, state, dt) {
  const s = Float64Array.from(state);
  return {
    n, dt, s, next: new Float64Array(4), k: derivative(n, s, new Float64Array(4)), k_next: new Float64Array(4),
    within: new Float64Array(4), work: rk4_work(), window: open_window(s[3]), looked: 0, gaps: new Map(), record: [...s], found: null,
    quiet: 0,
  };
}

// Some steps of a motion; true when it has settled.
function advance(m, steps, earliest) {
  const at = (part) => rk4(m.n, m.s, m.k, part * m.dt, m.within, m.work);
  for (let i = 0; i < steps; i += 1) {
    rk4(m.n, m.s, m.k, m.dt, m.next, m.work);
    derivative(m.n, m.next, m.k_next);
    observe_step(m.window, m.s, m.k, m.next, m.k_next, m.dt, at);
    const s = m.s;
    const k = m.k;
    m.s = m.next;
    m.k = m.k_next;
    m.next = s;
    m.k_next = k;
    const rate = Math.max(Math.abs(m.k[0]), Math.abs(m.k[1]), Math.abs(m.k[2]), Math.abs(m.k[3]));
    m.quiet = rate < 1e-9 ? m.quiet + 1 : 0;
    if (m.record.length < 4 * MOST_KEPT) m.record.push(m.s[0], m.s[1], m.s[2], m.s[3]);
    const time = m.window.step * m.dt;
    if (m.quiet > 200 && time > earliest) {
      m.found = { outcome: 'steady', span: 0, period: NaN, maxima: 0 };
      return true;
    }
    if (m.window.maxima.length >= m.looked + LOOK) {
      m.looked = m.window.maxima.length;
      if (look(m, time > earliest)) return true;
    }
  }
  return false;
}

// Largest difference between the last `n` maxima and the `n` before them.
function gap(all, n) {
  let most = 0;
  for (let i = all.length - n; i < all.length; i += 1) {
    const [a, b] = [all[i], all[i - n]];
    most = Math.max(most, Math.abs(a.v - b.v), Math.abs(a.trough - b.trough), Math.abs(a.z - b.z));
  }
  return most;
}

// How far the mean swing moves from the last maxima but some to the last, of whole groups of `n`.
function drift(all, n) {
  const size = n * Math.ceil(96 / n);
  if (all.length < 2 * size) return Infinity;
  const mean = (list) => list.reduce((sum, p) => sum + p.v - p.trough, 0) / size;
  return Math.abs(mean(all.slice(-size)) - mean(all.slice(-2 * size, -size)));
}

// Looks whether the maxima repeat, or the swing dies.
function look(m, is_late) {
  const all = m.window.maxima;
  if (all.length > 4096) all.splice(0, 2048);
  m.looked = all.length;
  const last = all.slice(-MOST_MAXIMA);
  const swing = Math.max(...last.slice(-LOOK).map((p) => p.v - p.trough));
  const was = m.swing;
  m.swing = swing;
  if (is_late && (swing < 1e-9 || (swing < 1e-6 && was > swing))) {
    m.found = { outcome: 'steady', span: 0, period: NaN, maxima: 0 };
    return true;
  }
  for (let n = 1; n <= MOST_MAXIMA && 2 * n < all.length; n += 1) {
    const now = gap(all, n);
    const before = m.gaps.get(n);
    m.gaps.set(n, now);
    if (before === undefined || !(now < 1e-4) || m.found) continue;
    // The gap shrinks by `mu` in each period; what is left of all later periods is gap mu/(1 - mu).
    const mu = Math.min((now / before) ** (n / LOOK), 1);
    const left = now < 1e-12 ? now : now * mu / (1 - mu);
    // Or it is what the steps leave of a maximum, and the mean does not move.
    const is_settled = (left < 1e-7 && left < 0.01 * swing) || (now < Math.min(1e-6, 1e-3 * swing) && drift(all, n) < 1e-8);
    if (is_late && is_settled && swing > 1e-6 && swing > 0.5 * was) {
      const least = [...Array(n).keys()].slice(1).find((d) => n % d === 0 && gap(all, d) < 1e-5) ?? n;
      const cycle = all.slice(-least);
      const high = Math.max(...cycle.map((p) => p.v));
      const low = Math.min(...cycle.map((p) => p.trough));
      // Over some periods: a maximum between two steps has a small error of its time.
      const periods = Math.max(1, Math.min(16, Math.floor((all.length - 1) / least)));
      const period = (all[all.length - 1].t - all[all.length - 1 - periods * least].t) / periods;
      m.found = { outcome: 'oscillating', span: high - low, period, maxima: least };
    }
  }
  return m.found !== null;
}

// The way from the start: its first 60 tau_c, or what is kept of them.
function way_of(m) {
  const n = Math.min(m.record.length / 4, Math.ceil(60 / m.dt));
  return { t: Array.from({ length: n }, (_, i) => i * m.dt), v: Array.from({ length: n }, (_, i) => m.record[4 * i + 3]) };
}

// The states of that way.
function record_of(m) {
  const { t, v } = way_of(m);
  const [x, y, z] = [0, 1, 2].map((j) => t.map((_, i) => m.record[4 * i + j]));
  return { t, x, y, z, v };
}

// One period of a settled motion, or `time` of any other, in small steps from where the motion is now.
function follow(m, time) {
  const steps = Math.max(64, Math.ceil(time / m.dt));
  const dt = time / steps;
  const out = { t: [], x: [], y: [], z: [], v: [] };
  let [s, k] = [Float64Array.from(m.s), Float64Array.from(m.k)];
  for (let i = 0; i <= steps; i += 1) {
    out.t.push(i * dt);
    ['x', 'y', 'z', 'v'].forEach((name, j) => out[name].push(s[j]));
    s = rk4(m.n, s, k, dt, new Float64Array(4), m.work);
    k = derivative(m.n, s, k);
  }
  return out;
}
