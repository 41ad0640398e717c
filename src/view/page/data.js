// The data of the page, as the file has them.

const data = source.data();

// What lists a trajectory has not.
for (const name of ['columns', 'axes', 'starts', 'curves', 'fixed', 'notes']) data[name] ??= [];

// What a picture can have as axes: the map's, or the columns of a list of points.
const is_list = Boolean(data.points);
const sides = is_list ? data.points : data.axes;

// Value of a cell along one of them.
function value_along(side, index) {
  return sides[side].values[index[is_list ? 0 : side]];
}

const columns = new Map(data.columns.map((c) => [c.name, c]));
const shape = data.axes.map((a) => a.values.length);
const cells = shape.reduce((a, b) => a * b, 1);

// Number of a cell in a column's list, row-major.
function number_of(index) {
  return index.reduce((n, i, axis) => n * shape[axis] + i, 0);
}

// The number in a column of a cell by its number, from a start.
function value_at_number(column, number, start) {
  return column.cells[(column.by_start ? start * cells : 0) + number];
}

// Number in a column of a cell, from a start.
function value_of(column, index, start) {
  return value_at_number(column, number_of(index), start);
}

// Name of an outcome or a certificate, for a person.
function name_of(column, number) {
  if (column === 'outcome') return (data.outcomes[number] ?? String(number)).replace(/_/g, ' ');
  if (column === 'certificate') return (data.certificates[number] ?? 'not integrated').replace(/_/g, ' ');
  return null;
}

// A number as a person reads it: six digits, fewer of the very small.
function shown(x) {
  if (!Number.isFinite(x)) return '–';
  if (x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e7)) return String(Number(x.toPrecision(4)).toExponential());
  return String(Number(x.toPrecision(6)));
}

// All columns of a cell, by name, as text.
function texts_of(index, start) {
  const out = {};
  for (const c of data.columns) {
    const x = value_of(c, index, start);
    out[c.name] = name_of(c.name, x) ?? shown(x);
  }
  return out;
}

// The parameters of a cell.
function parameters_of(index) {
  const out = {};
  for (const p of data.fixed) out[p.name] = p.value;
  sides.forEach((a, i) => { out[a.name] = value_along(i, index); });
  return out;
}

// The command that computes a cell again.
function command_of(index, start) {
  if (data.kind !== 'map') return data.command;
  const word = (text) => (/^[\w./,=-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`);
  const place = index.map((i, axis) => (data.axes[axis].index ? data.axes[axis].index[i] : i)).join(',');
  const from = data.several ? ` --start=${word(data.starts[start].name)}` : '';
  const file = data.file.startsWith('-') ? `./${data.file}` : data.file;
  return `hopfmap replay ${word(file)} --cell ${place}${from}`;
}
