// Extrema of V between steps, and the maxima of a motion. Twin of shaders/window.wgsl.

// Fraction of a step and V of its extremum, on the cubic through both values and rates.
function extremum(a_v, a_rate, b_v, b_rate, dt) {
  const m0 = a_rate * dt;
  const m1 = b_rate * dt;
  const rise = b_v - a_v;
  const qa = 3 * (m0 + m1) - 6 * rise;
  const qb = 6 * rise - 4 * m0 - 2 * m1;
  const root = Math.sqrt(Math.max(qb * qb - 4 * qa * m0, 0));
  const q = -0.5 * (qb + (qb < 0 ? -root : root));
  let s = m0 / (m0 - m1);
  if (is_fraction(m0, q)) s = m0 / q;
  else if (is_fraction(q, qa)) s = q / qa;
  return { s, v: a_v + s * (m0 + s * (0.5 * qb + s * (qa / 3))) };
}

// Whether a / b is between 0 and 1.
function is_fraction(a, b) {
  return b !== 0 && (a < 0) === (b < 0) && Math.abs(a) <= Math.abs(b);
}

// A record of a motion that begins at voltage `v`.
function open_window(v) {
  return { step: 0, low: v, maxima: [] };
}

// Adds the step from state `a` with rates `ka` to state `b` with rates `kb`; each maximum is kept with the minimum before it.
// The state at an extremum is `at` its fraction of the step: in f64 the cubic's own error would hide how the maxima settle.
function observe_step(w, a, ka, b, kb, dt, at) {
  w.low = Math.min(w.low, b[3]);
  const falls = ka[3] > 0 && kb[3] <= 0;
  if (falls || (ka[3] < 0 && kb[3] >= 0)) {
    const { s } = extremum(a[3], ka[3], b[3], kb[3], dt);
    const e = at(s);
    w.low = Math.min(w.low, e[3]);
    if (falls) {
      w.maxima.push({ t: (w.step + s) * dt, v: e[3], trough: w.low, z: e[2] });
      w.low = Infinity;
    }
  }
  w.step += 1;
}
