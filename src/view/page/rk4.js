// One step of the classical Runge-Kutta method. Twin of shaders/rk4.wgsl.

// The state one step `dt` after `s` into `next`, with `k1` the derivative at `s`.
function rk4(n, s, k1, dt, next, work) {
  const { stage, k2, k3, k4 } = work;
  const half = 0.5 * dt;
  for (let i = 0; i < 4; i += 1) stage[i] = s[i] + half * k1[i];
  derivative(n, stage, k2);
  for (let i = 0; i < 4; i += 1) stage[i] = s[i] + half * k2[i];
  derivative(n, stage, k3);
  for (let i = 0; i < 4; i += 1) stage[i] = s[i] + dt * k3[i];
  derivative(n, stage, k4);
  for (let i = 0; i < 4; i += 1) next[i] = s[i] + (dt / 6) * (k1[i] + 2 * (k2[i] + k3[i]) + k4[i]);
  return next;
}

// Memory of one integration.
function rk4_work() {
  const state = () => new Float64Array(4);
  return { stage: state(), k2: state(), k3: state(), k4: state() };
}
