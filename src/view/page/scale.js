// Positions of values on an axis that may be logarithmic, uneven or descending.

// A scale between two values.
function open_scale(low, high, log) {
  const to = log ? Math.log : (v) => v;
  const from = log ? Math.exp : (v) => v;
  return { low: to(low), high: to(high), to, from, log };
}

// Part of the scale at which a value is.
function part_of(scale, value) {
  return (scale.to(value) - scale.low) / (scale.high - scale.low);
}

// The value at a part of the scale.
function value_at(scale, part) {
  return scale.from(scale.low + part * (scale.high - scale.low));
}

// The whole range of an axis, half a cell more at each end.
function scale_of(axis) {
  const p = axis.values.map((v) => (axis.log ? Math.log(v) : v)).sort((a, b) => a - b);
  const n = p.length;
  if (n === 1) return { ...open_scale(1, 2, axis.log), low: p[0] - 0.5, high: p[0] + 0.5 };
  // Points of a list have no cells around them.
  const margin_of = 0.04 * (p[n - 1] - p[0]) || 0.5;
  if (is_list) return { ...open_scale(1, 2, axis.log), low: p[0] - margin_of, high: p[n - 1] + margin_of };
  const ends = [p[0] - 0.5 * (p[1] - p[0]), p[n - 1] + 0.5 * (p[n - 1] - p[n - 2])];
  return { ...open_scale(1, 2, axis.log), low: ends[0], high: ends[1] };
}

// The index of the value nearest to each of `n` places across a scale: the cell that holds it; -1 outside.
function cells_across(axis, scale, n) {
  const whole = scale_of(axis);
  const order = axis.values.map((v, i) => [scale.to(v), i]).sort((a, b) => a[0] - b[0]);
  const out = new Int32Array(n).fill(-1);
  let k = 0;
  for (let i = 0; i < n; i += 1) {
    const at = scale.low + (i + 0.5) / n * (scale.high - scale.low);
    while (k + 1 < order.length && Math.abs(order[k + 1][0] - at) <= Math.abs(order[k][0] - at)) k += 1;
    if (at >= whole.low && at <= whole.high) out[i] = order[k][1];
  }
  return out;
}

// Round values for ticks within a scale.
function ticks_of(scale, most) {
  const [low, high] = [scale.from(scale.low), scale.from(scale.high)];
  if (scale.log && high / low > 8) {
    const out = [];
    const factors = high / low > 500 ? [1] : [1, 2, 5];
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e += 1) {
      for (const f of factors) out.push(Number(`${f}e${e}`));
    }
    return out.filter((v) => v >= low && v <= high);
  }
  const rough = (high - low) / most;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((f) => f * power >= rough);
  const out = [];
  for (let i = Math.ceil(low / step); i * step <= high; i += 1) out.push(Number((i * step).toPrecision(12)));
  // Two at least.
  return out.length < 2 && most < 50 ? ticks_of(scale, 2 * most) : out;
}
