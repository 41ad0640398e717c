// The data of the page, as the file has them.

const data = JSON.parse(document.getElementById('data').textContent);

function bytes_of(text) {
  const letters = atob(text);
  const out = new Uint8Array(letters.length);
  for (let i = 0; i < out.length; i += 1) out[i] = letters.charCodeAt(i);
  return out;
}

// The numbers of a column are decoded when they are first needed.
for (const column of data.columns) {
  Object.defineProperty(column, 'cells', {
    configurable: true,
    get() {
      const bytes = bytes_of(column.data);
      const value = column.type === 'u8' ? bytes : new Float32Array(bytes.buffer);
      Object.defineProperty(column, 'cells', { value });
      column.data = null;
      return value;
    },
  });
}
for (const table of data.tables) {
  for (const name of ['f00', 'f01', 'f11']) table[name] = new Float64Array(bytes_of(table[name]).buffer);
}

const columns = new Map(data.columns.map((c) => [c.name, c]));
const shape = data.axes.map((a) => a.values.length);
const cells = shape.reduce((a, b) => a * b, 1);

// Number of a cell in a column's list, row-major.
function number_of(index) {
  return index.reduce((n, i, axis) => n * shape[axis] + i, 0);
}

// Number in a column of a cell, from a start.
function value_of(column, index, start) {
  return column.cells[(column.by_start ? start * cells : 0) + number_of(index)];
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
  data.axes.forEach((a, i) => { out[a.name] = a.values[index[i]]; });
  return out;
}

// The command that computes a cell again.
function command_of(index, start) {
  const word = (text) => (/^[\w./,=-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`);
  const place = index.map((i, axis) => (data.axes[axis].index ? data.axes[axis].index[i] : i)).join(',');
  const from = data.several ? ` --start ${word(data.starts[start].name)}` : '';
  return `hopfmap replay ${word(data.file)} --cell ${place}${from}`;
}
