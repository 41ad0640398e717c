// The controls: variable, axes, slices, colours, theme.

const element = (id) => document.getElementById(id);

function options(select, list, chosen) {
  select.replaceChildren(...list.map(([value, text]) => new Option(text, value, false, String(value) === String(chosen))));
}

// A slider for each axis that is not in the picture.
function show_slices() {
  const rows = data.axes.map((axis, a) => {
    if (is_list || a === view.across || a === view.up || shape[a] < 2 || !can_be_side(a)) return null;
    const [label, name, input] = ['label', 'span', 'input'].map((tag) => document.createElement(tag));
    Object.assign(input, { type: 'range', min: 0, max: shape[a] - 1, step: 1, value: view.index[a] });
    input.dataset.axis = a;
    const tell = () => {
      name.textContent = `${axis.name} = ${shown(axis.values[view.index[a]])}`;
      input.setAttribute('aria-valuetext', name.textContent);
    };
    tell();
    input.addEventListener('input', () => {
      view.index[a] = Number(input.value);
      view.picked = null;
      tell();
      refresh(false);
    });
    label.append(name, input);
    return label;
  });
  element('slices').replaceChildren(...rows.filter(Boolean));
}

// Takes other sides where the variable does not run along those of the picture.
function leave_sides() {
  const free = sides.map((_, i) => i).filter(can_be_side);
  if (!free.includes(view.across)) view.across = free[free.length - 1];
  if (view.up >= 0 && (!free.includes(view.up) || view.up === view.across)) view.up = free.find((i) => i !== view.across) ?? -1;
  show_all();
}

// Draws all again; the controls too where their lists have changed.
function refresh(with_controls) {
  if (with_controls) {
    options(element('across'), sides.map((a, i) => [i, a.name]).filter(([i]) => can_be_side(i)), view.across);
    const others = sides.map((a, i) => [i, a.name]).filter(([i]) => i !== view.across && can_be_side(i));
    options(element('up'), [...others, [-1, 'none: a line']], view.up);
    show_slices();
    element('limits').disabled = is_named() && !is_line();
    element('scale_name').textContent = is_line() ? 'Vertical scale' : 'Colour scale';
    element('curves_label').hidden = data.curves.length === 0 || (data.kind === 'map' && is_line());
  }
  const [low, high] = limits();
  for (const [id, value] of [['low', view.low], ['high', view.high]]) {
    element(id).value = value ?? '';
    element(id).placeholder = shown(id === 'low' ? low : high);
  }
  draw();
  show_legend();
  show_cell(view.index, false);
}

function connect() {
  options(element('variable'), data.columns.map((c) => [c.name, c.name.replace(/_/g, ' ')]), view.variable);
  options(element('start'), data.starts.map((s, i) => [i, s.name]), 0);
  element('start_label').hidden = data.starts.length < 2;
  element('start_label').firstChild.textContent = `${data.start_word[0].toUpperCase()}${data.start_word.slice(1)} `;
  if (data.kind === 'ramp') element('curves_label').lastChild.textContent = ' equilibria';
  element('curves').checked = view.curves;
  const on = (id, event, action) => element(id).addEventListener(event, action);
  on('variable', 'change', () => {
    view.variable = element('variable').value;
    [view.low, view.high] = [null, null];
    leave_sides();
    refresh(true);
  });
  on('start', 'change', () => { view.start = Number(element('start').value); refresh(false); });
  on('across', 'change', () => {
    const old = view.across;
    view.across = Number(element('across').value);
    if (view.up === view.across) view.up = old;
    show_all();
    refresh(true);
  });
  on('up', 'change', () => { view.up = Number(element('up').value); show_all(); refresh(true); });
  for (const id of ['low', 'high']) {
    on(id, 'change', () => {
      const x = Number(element(id).value);
      view[id] = element(id).value.trim() === '' || !Number.isFinite(x) ? null : x;
      refresh(false);
    });
  }
  on('log', 'change', () => { view.log = element('log').checked; refresh(false); });
  on('whole', 'click', () => { [view.low, view.high] = [null, null]; refresh(false); });
  on('curves', 'change', () => { view.curves = element('curves').checked; refresh(false); });
}

function set_theme(theme) {
  document.documentElement.dataset.theme = theme;
  if (data.kind !== 'trajectory') draw();
  if (shown_motion) show_motion(shown_motion);
}
