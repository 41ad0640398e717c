// What is shown: a variable over two sides, or over one as a line.

const view = {
  variable: data.main, start: 0, across: 0, up: -1,
  index: shape.map((n) => Math.floor(n / 2)), low: null, high: null, log: false, curves: data.curves.length > 0,
  scale_x: null, scale_y: null, picked: null,
};
if (data.kind === 'map') [view.across, view.up] = is_list ? [0, sides.length > 1 ? 1 : -1] : [sides.length - 1, sides.length - 2];

// Whether the picture is a line: the value is the vertical axis.
function is_line() {
  return view.up < 0;
}

// Whether all values of a side run through a picture; the variable of lanes has none along the walked axis.
function can_be_side(side) {
  return !(columns.get(view.variable).of_lanes && side === 0);
}

// Sets the scales to the whole map.
function show_all() {
  view.scale_x = scale_of(sides[view.across]);
  view.scale_y = is_line() ? null : scale_of(sides[view.up]);
}

// The cell of the picture at a place along its sides.
function index_at(i, j) {
  const index = view.index.slice();
  index[is_list ? 0 : view.across] = i;
  if (!is_line() && !is_list) index[view.up] = j;
  return index;
}

// The cells of the picture: how many there are along its sides, and the number of each is `base` + i `step` + j `row`.
function plane() {
  const up = is_line() || is_list ? 1 : shape[view.up];
  const base = number_of(index_at(0, 0));
  return {
    across: is_list ? cells : shape[view.across], up, base, step: number_of(index_at(1, 0)) - base,
    row: up === 1 ? 0 : number_of(index_at(0, 1)) - base,
  };
}

// Calls `action` with the index of each cell of the picture.
function each_cell(action) {
  const { across, up } = plane();
  for (let j = 0; j < up; j += 1) for (let i = 0; i < across; i += 1) action(index_at(i, j));
}

// Whether the variable's numbers are names.
function is_named() {
  return view.variable === 'outcome' || view.variable === 'certificate';
}

// The starts that the picture shows: a line shows all of them.
function shown_starts() {
  const all = is_line() && columns.get(view.variable).by_start;
  return all ? data.starts.map((_, s) => s) : [view.start];
}

// The columns that a line of the variable shows: V has the range of the motion around its mean.
function shown_columns() {
  const around = is_line() && view.variable === 'v_mean' ? ['v_min', 'v_max'] : [];
  return [view.variable, ...around].map((name) => columns.get(name)).filter(Boolean);
}

// Smallest and largest number of the variable on the picture's slice, of what is finite (and positive for a logarithm).
function range() {
  let [low, high] = [Infinity, -Infinity];
  for (const column of shown_columns()) {
    for (const start of shown_starts()) {
      const { across, up, base, step, row } = plane();
      for (let j = 0; j < up; j += 1) {
        for (let i = 0; i < across; i += 1) {
          const x = value_at_number(column, base + i * step + j * row, start);
          if (!Number.isFinite(x) || (view.log && !(x > 0))) continue;
          if (x < low) low = x;
          if (x > high) high = x;
        }
      }
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

// Limits of the colours: as they were given, or of the slice.
function limits() {
  const [low, high] = range();
  const out = [view.low ?? low, view.high ?? high];
  if (view.log && !(out[0] > 0)) out[0] = low > 0 ? low : 1e-3 * (out[1] > 0 ? out[1] : 1);
  return out[0] < out[1] ? out : [out[0], out[0] + (Math.abs(out[0]) || 1)];
}

// Colour of a cell by its number.
function fill_of(number, scale) {
  const outcome = data.outcomes[value_at_number(columns.get('outcome'), number, view.start)];
  const column = columns.get(view.variable);
  const x = value_at_number(column, number, view.start);
  if (view.variable === 'outcome') return outcome_fills[outcome] ?? no_value;
  if (view.variable === 'certificate') return x === 255 ? no_value : [viridis(0.1 + 0.16 * x)];
  if (column.by_start && marked.has(outcome)) return outcome_fills[outcome];
  if (!Number.isFinite(x) || (view.log && !(x > 0))) return no_value;
  return [viridis(part_of(scale, x))];
}
