// Colours: viridis for numbers, and for outcomes colours that colour-blind people tell apart (Okabe and Ito).

const viridis_table = Array.from({ length: 256 }, (_, i) => [0, 2, 4].map((j) => parseInt(data.viridis.substr(6 * i + j, 2), 16)));

function viridis(part) {
  return viridis_table[Math.round(255 * Math.min(Math.max(part, 0), 1))];
}

const no_value = [[205, 208, 212]];
const outcome_fills = {
  steady: [[0, 114, 178]], oscillating: [[240, 228, 66]], chaotic: [[213, 94, 0]], quasiperiodic: [[204, 121, 167]],
  unsettled: [[255, 255, 255], [90, 90, 90]], start_dependent: [[250, 225, 190], [225, 140, 40]],
  diverged: [[20, 20, 20]], absent: [[250, 250, 250]],
};
// Outcomes that are marked on any variable.
const marked = new Set(['unsettled', 'start_dependent', 'diverged', 'absent']);

// Colour of a fill at a pixel: two colours are strokes.
function colour_at(fill, x, y) {
  return fill.length > 1 && (x + y) % 8 < 3 ? fill[1] : fill[0];
}

// Colour of a page's variable.
function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
