// Draws lines over one side, and points of a list.

// Other colours than those of outcomes.
const line_colours = ['#009e73', '#8a4fbf', '#e69f00', '#56b4e9', '#808080', '#a0522d'];

// Width and colour of a start's line.
function pen_of(start) {
  return { colour: line_colours[start % line_colours.length], width: start === view.start ? 3 : 1.8 };
}

// The cells of a line from a start, in order: index, place and value.
function line_cells(column, start) {
  const out = [];
  each_cell((index) => out.push([index, value_along(view.across, index), value_of(column, index, start)]));
  return out.sort((a, b) => a[1] - b[1]);
}

function is_there(y) {
  return Number.isFinite(y) && (!view.log || y > 0);
}

function draw_line(c, f) {
  const [low, high] = limits();
  const lift = view.log ? 0 : 0.04 * (high - low);
  view.scale_y = open_scale(low - lift, high + lift, view.log);
  const column = columns.get(view.variable);
  if (view.curves) draw_equilibria(c, f);
  for (const start of shown_starts()) draw_range(c, f, start);
  for (const start of shown_starts()) {
    const points = line_cells(column, start);
    const pen = pen_of(start);
    c.strokeStyle = pen.colour;
    c.lineWidth = pen.width;
    c.beginPath();
    let open = false;
    for (const [, x, y] of is_list ? [] : points) {
      if (is_there(y)) c[open ? 'lineTo' : 'moveTo'](...place(f, x, y));
      open = is_there(y);
    }
    c.stroke();
    const radius = points.length > 200 ? 2 : start === view.start ? 4 : 3;
    for (const [index, x, y] of points) {
      const fill = outcome_fills[data.outcomes[value_of(columns.get('outcome'), index, start)]];
      // A cell without the number has its outcome at the foot.
      const [px, py] = is_there(y) ? place(f, x, y) : [place(f, x, value_at(view.scale_y, 0))[0], f.y + f.h - 6];
      dot(c, px, py, radius, `rgb(${(fill ?? no_value)[0]})`);
    }
  }
}

function dot(c, x, y, radius, colour) {
  c.beginPath();
  c.arc(x, y, radius, 0, 7);
  c.fillStyle = colour;
  c.fill();
  if (radius < 3) return;
  c.lineWidth = 1;
  c.strokeStyle = ink('ink');
  c.stroke();
}

// The range from V_min to V_max around the mean.
function draw_range(c, f, start) {
  if (is_list || shown_columns().length < 3) return;
  const [low, high] = ['v_min', 'v_max'].map((name) => line_cells(columns.get(name), start));
  c.fillStyle = pen_of(start).colour;
  c.globalAlpha = 0.22;
  for (let i = 1; i < low.length; i += 1) {
    const corners = [low[i - 1], low[i], high[i], high[i - 1]];
    if (!corners.every(([, , y]) => is_there(y))) continue;
    c.beginPath();
    corners.forEach(([, x, y], k) => c[k ? 'lineTo' : 'moveTo'](...place(f, x, y)));
    c.fill();
  }
  c.globalAlpha = 1;
}

// Equilibria of a ramp's lane under its voltages, with their Hopf points and folds.
function draw_equilibria(c, f) {
  const here = data.kind === 'ramp' && view.across === 0 && view.variable.startsWith('v_') ? curves_here() : null;
  for (const line of here?.lines ?? []) {
    c.strokeStyle = ink('quiet');
    c.lineWidth = 1.5;
    for (const stable of [true, false]) {
      c.setLineDash(stable ? [] : [6, 5]);
      c.beginPath();
      for (let i = 1; i < line.x.length; i += 1) {
        if (line.stable[i] !== stable) continue;
        if (i === 1 || line.stable[i - 1] !== stable) c.moveTo(...place(f, line.x[i - 1], line.y[i - 1]));
        c.lineTo(...place(f, line.x[i], line.y[i]));
      }
      c.stroke();
    }
  }
  c.setLineDash([]);
  c.fillStyle = ink('ink');
  for (const mark of here?.special ?? []) {
    const [x, y] = place(f, mark.x, mark.y);
    c.fillRect(x - 4, y - 4, 8, 8);
    c.textAlign = 'left';
    c.fillText(mark.kind, x + 7, y - 5);
  }
}

// Points of a list over two of its columns.
function draw_points(c, f) {
  const [low, high] = limits();
  const scale = open_scale(low, high, view.log);
  const radius = cells > 20000 ? 1.5 : cells > 2000 ? 2.5 : 5;
  each_cell((index) => {
    const [x, y] = place(f, value_along(view.across, index), value_along(view.up, index));
    const fill = fill_of(index[0], scale);
    dot(c, x, y, radius, `rgb(${fill[fill.length - 1]})`);
  });
}
