// Where the page has its data and its motions from: the page itself. A program that serves the page has another source.

const source = {
  // All that the page shows but motions.
  data: () => JSON.parse(document.getElementById('data').textContent),
  // What becomes of a cell: outcome, span, period, time, and its way, cycle and spectrum; null once it is not wanted.
  motion: (index, start, is_wanted) => compute(index, start, is_wanted),
};
