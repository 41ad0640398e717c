// Eq. 10 of the paper, in f64. Twin of shaders/neuron.wgsl: the states are counted from 0, as f64 needs no origin.

// A neuron: its parameters and the conductance table of its geometry.
function neuron_at(parameters, table) {
  return { ...parameters, table, f: new Float64Array(3) };
}

// Position x_V at a voltage.
function x_at(n, v) {
  return n.x_0 - Math.SQRT2 * n.l * v;
}

// Conductance g = ½[(1 + Z) F_00 + 2 X F_01 + (1 - Z) F_11].
function conductance(n, s) {
  const f = functions_at(x_at(n, s[3]), n.table, n.f);
  return 0.5 * ((1 + s[2]) * f[0] + 2 * s[0] * f[1] + (1 - s[2]) * f[2]);
}

// Rates of change of the state (X, Y, Z, V) per tau_c, into `out`.
function derivative(n, s, out) {
  const v = n.V_n - (1 + n.R_n * conductance(n, s)) * s[3];
  out[0] = n.Omega * s[1] + 2 * v * s[2] - n.Gamma * s[0];
  out[1] = -n.Omega * s[0] - n.Gamma * s[1];
  out[2] = -2 * v * s[0] - n.alpha * n.Gamma * (s[2] - n.Z_T);
  out[3] = v;
  return out;
}

// Rate dV/dt at rest in V: its zeros are the equilibria (0, 0, Z_T, V).
function excess(n, v) {
  return n.V_n - (1 + n.R_n * conductance(n, [0, 0, n.Z_T, v])) * v;
}

// Voltages of the equilibria, in order: between 0 and V_n, by bisection.
function equilibria(n) {
  if (n.V_n === 0) return [0];
  const points = 4000;
  const found = [];
  const at = (i) => n.V_n * i / points;
  let low = excess(n, 0);
  for (let i = 0; i < points; i += 1) {
    const high = excess(n, at(i + 1));
    if (low === 0 || low * high < 0) {
      found.push(low === 0 ? at(i) : bisect((v) => excess(n, v), at(i), at(i + 1)));
    }
    low = high;
  }
  if (low === 0) found.push(n.V_n);
  return found.sort((a, b) => a - b);
}

// Zero of a function that changes sign between `a` and `b`.
function bisect(f, a, b) {
  const side = f(a) < 0;
  for (let i = 0; i < 60; i += 1) {
    const middle = 0.5 * (a + b);
    if ((f(middle) < 0) === side) a = middle; else b = middle;
  }
  return 0.5 * (a + b);
}

// State that a cell starts from; null where it has no such equilibrium.
function start_state(n, start) {
  if (start.kind === 'rest') return [0, 0, n.Z_T, 0];
  if (start.kind === 'state') return start.state.slice();
  if (start.kind === 'random') return [...start.state.slice(0, 3), start.state[3] * n.V_n];
  const found = equilibria(n);
  let v = found[0];
  if (start.kind === 'upper') v = found.length > 1 ? found[found.length - 1] : undefined;
  if (start.kind === 'middle') {
    const slope = (w) => excess(n, w + 1e-6) - excess(n, w - 1e-6);
    const inner = found.slice(1, -1).sort((a, b) => slope(b) - slope(a));
    v = inner[0];
  }
  return v === undefined ? null : [1e-3, 0, n.Z_T * (1 - 1e-6), v];
}
