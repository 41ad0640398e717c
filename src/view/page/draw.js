// Draws the picture: cells, axes, curves, the cell that is chosen.

const box = document.getElementById('map');
const canvas = document.getElementById('canvas');
// An axis's name in a picture: the paper's symbol, or a column's name.
function label_of(name) {
  const voltages = { v_min: 'V_min', v_max: 'V_max', v_mean: 'mean V', span: 'V_max − V_min' };
  return data.symbols[name] ?? voltages[name] ?? name.replace(/_/g, ' ');
}

const margin = { left: 66, right: 14, top: 10, bottom: 46 };

// The picture's frame in pixels of the page.
function frame() {
  return { x: margin.left, y: margin.top, w: Math.max(box.clientWidth - margin.left - margin.right, 10),
    h: Math.max(box.clientHeight - margin.top - margin.bottom, 10) };
}

function draw() {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = box.clientWidth * ratio;
  canvas.height = box.clientHeight * ratio;
  const c = canvas.getContext('2d');
  c.scale(ratio, ratio);
  const f = frame();
  c.save();
  c.beginPath();
  c.rect(f.x, f.y, f.w, f.h);
  c.clip();
  if (is_line()) draw_line(c, f);
  else if (is_list) draw_points(c, f);
  else draw_cells(c, f, ratio);
  if (!is_line() && view.curves) draw_curves(c, f);
  draw_chosen(c, f);
  c.restore();
  draw_axes(c, f);
}

function draw_cells(c, f, ratio) {
  const [w, h] = [Math.round(f.w * ratio), Math.round(f.h * ratio)];
  const image = c.createImageData(w, h);
  const xs = cells_across(sides[view.across], view.scale_x, w);
  const ys = cells_across(sides[view.up], view.scale_y, h);
  const [low, high] = limits();
  const scale = open_scale(low, high, view.log);
  const { across, base, step, row } = plane();
  const fills = [];
  for (let y = 0; y < h; y += 1) {
    const j = ys[h - 1 - y];
    for (let x = 0; x < w; x += 1) {
      const i = xs[x];
      if (i < 0 || j < 0) continue;
      const fill = fills[j * across + i] ??= fill_of(base + i * step + j * row, scale);
      const colour = colour_at(fill, x, y);
      const at = 4 * (y * w + x);
      image.data[at] = colour[0];
      image.data[at + 1] = colour[1];
      image.data[at + 2] = colour[2];
      image.data[at + 3] = 255;
    }
  }
  c.putImageData(image, Math.round(f.x * ratio), Math.round(f.y * ratio));
}

// Place of a point of the picture.
function place(f, x, y) {
  return [f.x + part_of(view.scale_x, x) * f.w, f.y + (1 - part_of(view.scale_y, y)) * f.h];
}

// The curves of this plane and slice, if the page has them.
function curves_here() {
  const is_here = (i, axis) => (i === null ? axis === view.across || axis === view.up : i === view.index[axis]);
  return data.curves.find((set) => set.at.every(is_here));
}

// Hopf and fold curves.
function draw_curves(c, f) {
  const here = data.kind === 'map' ? curves_here() : null;
  if (!here) return;
  const swapped = view.across < view.up;
  for (const line of here.lines) {
    for (const [width, colour] of [[4.5, '#000'], [2.2, line.kind === 'Hopf' ? '#fff' : '#ff9d5c']]) {
      c.beginPath();
      line.x.forEach((x, i) => {
        const at = swapped ? place(f, line.y[i], x) : place(f, x, line.y[i]);
        c[i ? 'lineTo' : 'moveTo'](...at);
      });
      c.lineWidth = width;
      c.strokeStyle = colour;
      c.setLineDash(line.kind === 'Hopf' || width > 4 ? [] : [7, 5]);
      if (line.kind !== 'cusp') c.stroke();
    }
  }
  c.setLineDash([]);
}

// Cross at the cell that is chosen, and a ring at the one that is computed.
function draw_chosen(c, f) {
  const at = (index) => {
    const x = value_along(view.across, index);
    const y = is_line() ? value_of(columns.get(view.variable), index, view.start) : value_along(view.up, index);
    return place(f, x, Number.isFinite(y) && !(is_line() && !is_there(y)) ? y : value_at(view.scale_y, 0.02));
  };
  for (const [index, radius] of [[view.index, 6], [view.picked, 9]]) {
    if (!index) continue;
    const [x, y] = at(index);
    for (const [width, colour] of [[4, '#000'], [2, '#fff']]) {
      c.beginPath();
      c.arc(x, y, radius, 0, 7);
      c.lineWidth = width;
      c.strokeStyle = colour;
      c.stroke();
    }
  }
}

function draw_axes(c, f) {
  c.strokeStyle = ink('quiet');
  c.fillStyle = ink('ink');
  c.lineWidth = 1;
  c.strokeRect(f.x + 0.5, f.y + 0.5, f.w, f.h);
  const size = parseFloat(getComputedStyle(document.body).fontSize);
  c.font = `${0.85 * size}px system-ui, "Liberation Sans", Arial, sans-serif`;
  c.textAlign = 'center';
  for (const v of ticks_of(view.scale_x, 6)) {
    const x = f.x + part_of(view.scale_x, v) * f.w;
    c.fillRect(x, f.y + f.h, 1, 5);
    c.fillText(String(v), x, f.y + f.h + 19);
  }
  c.textAlign = 'right';
  for (const v of ticks_of(view.scale_y, 6)) {
    const y = f.y + (1 - part_of(view.scale_y, v)) * f.h;
    c.fillRect(f.x - 5, y, 5, 1);
    c.fillText(String(v), f.x - 8, y + 4);
  }
  c.textAlign = 'center';
  c.font = `${size}px system-ui, "Liberation Sans", Arial, sans-serif`;
  c.fillText(label_of(sides[view.across].name), f.x + f.w / 2, f.y + f.h + 38);
  c.save();
  c.translate(16, f.y + f.h / 2);
  c.rotate(-Math.PI / 2);
  c.fillText(is_line() ? label_of(view.variable) : label_of(sides[view.up].name), 0, 0);
  c.restore();
}
