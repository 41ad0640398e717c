// Begins.

window.hopfmap = { ready: false, last: null, pick, view, data, texts_of, columns, refresh, index_under };
document.title = `${data.file} – hopfmap`;
element('title').textContent = data.file;
element('subtitle').textContent = [
  data.fixed.map((p) => `${p.name} = ${shown(p.value)}`).join(', '),
  `${data.axes.map((a, i) => `${shape[i]} ${a.name}`).join(' × ')} cells, ${data.precision} on ${data.engine}, hopfmap ${data.version}`,
].join('; ');
element('request').textContent = data.request;
element('notes').textContent = [data.reduced, ...data.notes].filter(Boolean).join(' ');
document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
show_all();
connect();
listen();
refresh(true);
new ResizeObserver(() => { draw(); if (shown_result) show_result(...shown_result); }).observe(box);
window.hopfmap.ready = true;
