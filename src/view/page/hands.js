// Mouse and keyboard on the map.

// The index of the cell under a place of the page; null outside.
function index_under(event) {
  const r = box.getBoundingClientRect();
  const f = frame();
  const [u, w] = [(event.clientX - r.left - f.x) / f.w, 1 - (event.clientY - r.top - f.y) / f.h];
  if (!(u >= 0 && u < 1 && w >= 0 && w < 1)) return null;
  const one = (axis, scale, part) => {
    const low = scale.low + part * (scale.high - scale.low);
    return cells_across(axis, { ...scale, low: low - 1e-12, high: low + 1e-12 }, 1)[0];
  };
  if (is_list) return point_near(event.clientX - r.left, event.clientY - r.top, f);
  const i = one(sides[view.across], view.scale_x, u);
  const j = is_line() ? 0 : one(sides[view.up], view.scale_y, w);
  return i < 0 || j < 0 ? null : index_at(i, j);
}

// The point of a list that is nearest to a place, and not far from it.
function point_near(x, y, f) {
  let [found, least] = [null, 30];
  each_cell((index) => {
    const at = is_line() ? value_of(columns.get(view.variable), index, view.start) : value_along(view.up, index);
    const [px, py] = place(f, value_along(view.across, index), at);
    const distance = Math.hypot(px - x, py - y);
    if (distance < least) [found, least] = [index, distance];
  });
  return found;
}

// The start whose line is nearest to the mouse, of the cell below it.
function start_under(event, index) {
  if (!is_line() || shown_starts().length < 2) return view.start;
  const y = event.clientY - box.getBoundingClientRect().top;
  const column = columns.get(view.variable);
  const far = (start) => {
    const v = value_of(column, index, start);
    return is_there(v) ? Math.abs(place(frame(), 0, v)[1] - y) : Infinity;
  };
  const best = shown_starts().reduce((a, b) => (far(b) < far(a) ? b : a));
  return Number.isFinite(far(best)) ? best : view.start;
}

// Zooms by a factor about parts (u, w) of the frame.
function zoom(factor, u, w) {
  for (const [name, part] of [['scale_x', u], ['scale_y', w]]) {
    if (name === 'scale_y' && is_line()) continue;
    const s = view[name];
    const whole = scale_of(sides[name === 'scale_x' ? view.across : view.up]);
    const at = s.low + part * (s.high - s.low);
    const size = Math.min((s.high - s.low) * factor, whole.high - whole.low);
    s.low = Math.min(Math.max(at - part * size, whole.low), whole.high - size);
    s.high = s.low + size;
  }
  draw();
}

// Moves the picture by parts of the frame.
function move(du, dw) {
  for (const [name, d] of [['scale_x', du], ['scale_y', dw]]) {
    if (name === 'scale_y' && is_line()) continue;
    const s = view[name];
    const whole = scale_of(sides[name === 'scale_x' ? view.across : view.up]);
    const size = s.high - s.low;
    s.low = Math.min(Math.max(s.low - d * size, whole.low), whole.high - size);
    s.high = s.low + size;
  }
  draw();
}

// Moves the chosen cell by cells of the picture: to the right and up, whatever the axis's direction.
function step_cell(side, by) {
  const { values } = sides[side];
  const axis = is_list ? 0 : side;
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const next = order[order.indexOf(view.index[axis]) + by];
  if (next !== undefined) view.index[axis] = next;
  draw();
  show_cell(view.index, true);
}

// Moves the first slider.
function step_slice(by) {
  const slider = document.querySelector('#slices input');
  if (!slider) return;
  slider.value = Number(slider.value) + by;
  slider.dispatchEvent(new Event('input'));
}

// Part of the frame at which the chosen cell is.
function chosen_part() {
  const part = (side, scale) => Math.min(Math.max(part_of(scale, value_along(side, view.index)), 0), 1);
  return [part(view.across, view.scale_x), is_line() ? 0.5 : part(view.up, view.scale_y)];
}

function listen() {
  let from = null;
  box.addEventListener('pointerdown', (event) => { from = { x: event.clientX, y: event.clientY, moved: false }; });
  box.addEventListener('pointermove', (event) => {
    if (from && event.buttons === 1 && (from.moved || Math.hypot(event.clientX - from.x, event.clientY - from.y) > 4)) {
      const f = frame();
      move((event.clientX - from.x) / f.w, -(event.clientY - from.y) / f.h);
      from = { x: event.clientX, y: event.clientY, moved: true };
      return;
    }
    const index = index_under(event);
    if (index) show_cell(index, false, start_under(event, index));
  });
  box.addEventListener('pointerleave', () => show_cell(view.index, false));
  box.addEventListener('pointerup', (event) => {
    const index = from && !from.moved ? index_under(event) : null;
    from = null;
    if (index) pick(index, start_under(event, index));
  });
  box.addEventListener('wheel', (event) => {
    event.preventDefault();
    const [r, f] = [box.getBoundingClientRect(), frame()];
    zoom(1.2 ** Math.sign(event.deltaY), (event.clientX - r.left - f.x) / f.w, 1 - (event.clientY - r.top - f.y) / f.h);
  }, { passive: false });
  const keys = {
    ArrowLeft: () => step_cell(view.across, -1), ArrowRight: () => step_cell(view.across, 1),
    ArrowUp: () => !is_line() && step_cell(view.up, 1), ArrowDown: () => !is_line() && step_cell(view.up, -1),
    Enter: () => pick(view.index), '+': () => zoom(1 / 1.4, ...chosen_part()), '=': () => zoom(1 / 1.4, ...chosen_part()),
    '-': () => zoom(1.4, ...chosen_part()), 0: () => { show_all(); draw(); }, '[': () => step_slice(-1), ']': () => step_slice(1),
  };
  box.addEventListener('keydown', (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
}
