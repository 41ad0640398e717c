// The key of the colours, and the numbers of the cell that is chosen.

const legend = document.getElementById('legend');

function swatch(fill, text) {
  const item = document.createElement('span');
  const c = document.createElement('canvas');
  c.width = c.height = 14;
  const image = c.getContext('2d').createImageData(14, 14);
  for (let i = 0; i < 196; i += 1) image.data.set([...colour_at(fill, i % 14, Math.floor(i / 14)), 255], 4 * i);
  c.getContext('2d').putImageData(image, 0, 0);
  item.append(c, text);
  legend.append(item);
}

function line_swatch(colour, text) {
  const item = document.createElement('span');
  const line = document.createElement('i');
  line.style.background = colour;
  item.append(line, text);
  legend.append(item);
}

function show_legend() {
  legend.replaceChildren();
  const there = new Set();
  const column = columns.get('outcome');
  for (const start of shown_starts()) for (let i = 0; i < cells; i += 1) there.add(column.cells[(column.by_start ? start * cells : 0) + i]);
  const outcomes = data.outcomes.filter((_, n) => there.has(n));
  const name = (o) => o.replace(/_/g, ' ');
  if (is_line()) {
    if (data.several) shown_starts().forEach((s) => line_swatch(pen_of(s).colour, data.starts[s].name));
  }
  if (view.variable === 'outcome' || is_line()) outcomes.forEach((o) => swatch(outcome_fills[o], name(o)));
  else if (view.variable === 'certificate') {
    for (const [n, text] of Object.entries(data.certificates)) swatch(Number(n) === 255 ? no_value : [viridis(0.1 + 0.16 * n)], name(text));
  } else {
    const [low, high] = limits();
    legend.append(`${view.variable}: ${shown(low)} `);
    const bar = document.createElement('canvas');
    bar.width = 160;
    bar.height = 14;
    bar.style.width = '160px';
    const c = bar.getContext('2d');
    for (let i = 0; i < 160; i += 1) {
      c.fillStyle = `rgb(${viridis(i / 159)})`;
      c.fillRect(i, 0, 1, 14);
    }
    legend.append(bar, ` ${shown(high)}${view.log ? ' (logarithmic)' : ''}`);
    outcomes.filter((o) => marked.has(o)).forEach((o) => swatch(outcome_fills[o], name(o)));
  }
  const there_are = view.curves && !is_line() && data.kind === 'map' ? curves_here()?.lines.map((l) => l.kind) ?? [] : [];
  if (there_are.includes('Hopf')) line_swatch('#fff', 'Hopf');
  if (there_are.includes('fold')) line_swatch('repeating-linear-gradient(90deg, #ff9d5c 0 5px, #000 5px 8px)', 'fold');
}

// Numbers of a cell: where it is, and all its columns.
function show_cell(index, aloud, start = view.start) {
  const list = document.getElementById('cell');
  list.replaceChildren();
  const add = (name, text, about) => {
    const [row, dt, dd] = ['div', 'dt', 'dd'].map((tag) => document.createElement(tag));
    dt.textContent = name;
    dd.textContent = text;
    row.title = about;
    row.dataset.name = name;
    row.append(dt, dd);
    list.append(row);
  };
  if (is_list) add('point', String(data.axes[0].values[index[0]]), 'number in the list');
  sides.forEach((a, i) => add(a.name, shown(value_along(i, index)), 'axis'));
  if (data.several) add(data.start_word, data.starts[start].name, data.start_word);
  const texts = texts_of(index, start);
  for (const c of data.columns) add(c.name, texts[c.name], c.about);
  if (aloud) {
    const at = sides.map((a, i) => `${a.name} ${shown(value_along(i, index))}`).join(', ');
    document.getElementById('spoken').textContent = `${at}: ${texts.outcome}, ${view.variable} ${texts[view.variable]}`;
  }
}
