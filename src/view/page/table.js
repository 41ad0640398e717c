// The conductance functions F_00, F_01 and F_11 over x_V, from the file's own table. Twin of shaders/table.wgsl.
// In f64 four neighbouring entries and a cubic take the place of the shader's polynomials on pieces.

// A table of one geometry: entries `step` apart from `first` on.
function open_table(record) {
  return {
    first: record.first, step: record.step, length: record.f00.length,
    f_00: record.f00, f_01: record.f01, f_11: record.f11,
  };
}

// Number of the entry below the cubic's middle interval.
function nearest(x_v, table) {
  return Math.floor((x_v - table.first) / table.step);
}

// F_00, F_01 and F_11 at x_V into `out`; 0 beyond the table's ends.
function functions_at(x_v, table, out) {
  const n = nearest(x_v, table);
  if (!(n >= 1 && n < table.length - 2)) {
    out[0] = out[1] = out[2] = 0;
    return out;
  }
  const u = (x_v - table.first) / table.step - n;
  const a = -u * (u - 1) * (u - 2) / 6;
  const b = (u + 1) * (u - 1) * (u - 2) / 2;
  const c = -(u + 1) * u * (u - 2) / 2;
  const d = (u + 1) * u * (u - 1) / 6;
  const { f_00, f_01, f_11 } = table;
  out[0] = a * f_00[n - 1] + b * f_00[n] + c * f_00[n + 1] + d * f_00[n + 2];
  out[1] = a * f_01[n - 1] + b * f_01[n] + c * f_01[n + 1] + d * f_01[n + 2];
  out[2] = a * f_11[n - 1] + b * f_11[n] + c * f_11[n + 1] + d * f_11[n + 2];
  return out;
}
