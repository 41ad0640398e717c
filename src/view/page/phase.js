// The motion in (X, V), and in (X, Y, Z) as seen from an angle that dragging changes.

const eye = { yaw: 0.7, pitch: 0.45 };
let drawn_motion = null;

function plain(canvas_of) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [canvas_of.clientWidth, canvas_of.clientHeight];
  canvas_of.width = w * ratio;
  canvas_of.height = h * ratio;
  const c = canvas_of.getContext('2d');
  c.scale(ratio, ratio);
  c.font = '12px system-ui, "Liberation Sans", Arial, sans-serif';
  return [c, w, h];
}

function range_of(list) {
  const [low, high] = list.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  // Less than a millionth is rounding.
  const more = Math.max(0.06 * (high - low), 1e-6);
  return [low - more, high + more];
}

function path(c, xs, ys, colour) {
  c.beginPath();
  xs.forEach((x, i) => c[i ? 'lineTo' : 'moveTo'](x, ys[i]));
  c.strokeStyle = colour;
  c.lineWidth = 2;
  c.stroke();
  if (range_of(xs)[1] - range_of(xs)[0] < 3) {
    c.beginPath();
    c.arc(xs[0], ys[0], 4, 0, 7);
    c.fillStyle = colour;
    c.fill();
  }
}

function draw_phase(motion) {
  drawn_motion = motion;
  const [c, w, h] = plain(document.getElementById('plot_p'));
  const [left, bottom] = [62, 22];
  const [x, v] = [range_of(motion.x), range_of(motion.v)];
  const [sx, sv] = [open_scale(...x, false), open_scale(...v, false)];
  const to_x = (u) => left + part_of(sx, u) * (w - left - 8);
  const to_y = (u) => 4 + (1 - part_of(sv, u)) * (h - bottom - 4);
  c.fillStyle = ink('quiet');
  c.strokeStyle = ink('line');
  c.strokeRect(left, 4, w - left - 8, h - bottom - 4);
  c.textAlign = 'center';
  for (const t of ticks_of(sx, Math.max(3, w / 70))) c.fillText(shown(t), to_x(t), h - 6);
  c.textAlign = 'right';
  for (const t of ticks_of(sv, Math.max(3, h / 45))) c.fillText(shown(t), left - 5, to_y(t) + 4);
  path(c, motion.x.map(to_x), motion.v.map(to_y), ink('accent'));
  draw_ball();
}

// The Bloch vector's path, with the axes of its own box.
function draw_ball() {
  if (!drawn_motion) return;
  const [c, w, h] = plain(document.getElementById('plot_b'));
  const parts = ['x', 'y', 'z'].map((name) => {
    const [low, high] = range_of(drawn_motion[name]);
    return drawn_motion[name].map((u) => 2 * (u - low) / (high - low) - 1);
  });
  const size = 0.25 * Math.min(w, h);
  const seen = (x, y, z) => {
    const [a, b] = [x * Math.cos(eye.yaw) - y * Math.sin(eye.yaw), x * Math.sin(eye.yaw) + y * Math.cos(eye.yaw)];
    return [w / 2 + size * a, h / 2 - size * (z * Math.cos(eye.pitch) - b * Math.sin(eye.pitch))];
  };
  c.strokeStyle = ink('line');
  c.fillStyle = ink('quiet');
  [['X', [1, -1, -1]], ['Y', [-1, 1, -1]], ['Z', [-1, -1, 1]]].forEach(([name, end]) => {
    c.beginPath();
    c.moveTo(...seen(-1, -1, -1));
    c.lineTo(...seen(...end));
    c.stroke();
    c.fillText(name, ...seen(...end.map((u) => u * 1.15)));
  });
  const points = parts[0].map((x, i) => seen(x, parts[1][i], parts[2][i]));
  path(c, points.map((p) => p[0]), points.map((p) => p[1]), ink('accent'));
}

function rotate(yaw, pitch) {
  eye.yaw += yaw;
  eye.pitch = Math.min(Math.max(eye.pitch + pitch, -1.5), 1.5);
  draw_ball();
}

document.getElementById('plot_b').addEventListener('keydown', (event) => {
  const by = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
  if (!by) return;
  event.preventDefault();
  rotate(...by);
});
document.getElementById('plot_b').addEventListener('pointermove', (event) => {
  if (event.buttons !== 1) return;
  rotate(0.01 * event.movementX, 0.01 * event.movementY);
});
