// What is shown: a variable over two axes of the map, or over one.

const view = {
  variable: data.main, start: 0, across: data.axes.length - 1, up: data.axes.length - 2,
  index: shape.map((n) => Math.floor(n / 2)), low: null, high: null, log: false, curves: data.curves.length > 0,
  scale_x: null, scale_y: null, picked: null,
};

// Whether the picture is a line: the value is the vertical axis.
function is_line() {
  return view.up < 0;
}

// Sets the scales to the whole map.
function show_all() {
  view.scale_x = scale_of(data.axes[view.across]);
  view.scale_y = is_line() ? null : scale_of(data.axes[view.up]);
}

// The cells of the picture: index along each axis with those of the picture replaced.
function index_at(i, j) {
  const index = view.index.slice();
  index[view.across] = i;
  if (!is_line()) index[view.up] = j;
  return index;
}

// Whether the variable's numbers are names.
function is_named() {
  return view.variable === 'outcome' || view.variable === 'certificate';
}

// Smallest and largest number of the variable on the picture's slice, of what is finite (and positive for a logarithm).
function range() {
  const column = columns.get(view.variable);
  let [low, high] = [Infinity, -Infinity];
  const up = is_line() ? 1 : shape[view.up];
  for (let j = 0; j < up; j += 1) {
    for (let i = 0; i < shape[view.across]; i += 1) {
      const x = value_of(column, index_at(i, j), view.start);
      if (Number.isFinite(x) && (!view.log || x > 0)) {
        low = Math.min(low, x);
        high = Math.max(high, x);
      }
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

// Limits of the colours: as they were given, or of the slice.
function limits() {
  const [low, high] = range();
  const out = [view.low ?? low, view.high ?? high];
  if (view.log && !(out[0] > 0)) out[0] = low;
  return out[0] < out[1] ? out : [out[0], out[0] + (Math.abs(out[0]) || 1)];
}

// Colour of a cell.
function fill_of(index, scale) {
  const outcome = data.outcomes[value_of(columns.get('outcome'), index, view.start)];
  const column = columns.get(view.variable);
  const x = value_of(column, index, view.start);
  if (view.variable === 'outcome') return outcome_fills[outcome] ?? no_value;
  if (view.variable === 'certificate') return x === 255 ? no_value : [viridis(0.1 + 0.16 * x)];
  if (column.by_start && marked.has(outcome)) return outcome_fills[outcome];
  if (!Number.isFinite(x) || (view.log && !(x > 0))) return no_value;
  return [viridis(part_of(scale, x))];
}
