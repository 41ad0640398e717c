// Begins.

window.hopfmap = { ready: false, last: null, pick, view, data, texts_of, columns, refresh, index_under, plot: (id) => plots.get(id) };
const counts = is_list ? `${cells} points` : data.axes.map((a, i) => `${shape[i]} ${a.name}`).join(' × ');
document.title = `${data.file} – hopfmap`;
document.body.dataset.kind = data.kind;
element('title').textContent = data.file;
element('subtitle').textContent = [
  data.fixed.map((p) => `${p.name} = ${shown(p.value)}`).join(', '),
  [data.kind === 'map' && (is_list ? counts : `${counts} cells`), data.kind === 'ramp' && `${counts}, up and down`, data.engine && `${data.precision} on ${data.engine}`,
    data.version && `hopfmap ${data.version}`].filter(Boolean).join(', '),
].filter(Boolean).join('; ');
element('request').textContent = data.request;
element('request').parentElement.hidden = !data.request;
element('notes').textContent = [data.reduced, ...data.notes].filter(Boolean).join(' ');
document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
element('theme').addEventListener('click', () => set_theme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
listen_to_curves();
if (data.command) {
  element('repeat_name').textContent = 'Written by';
  element('repeat').textContent = data.command;
  element('repeat_line').hidden = false;
}

async function begin() {
  await unpack();
  if (data.kind === 'trajectory') {
    show_recorded();
  } else {
    leave_sides();
    connect();
    listen();
    refresh(true);
  }
  new ResizeObserver(() => {
    if (data.kind !== 'trajectory') draw();
    if (shown_motion) show_motion(shown_motion);
  }).observe(data.kind === 'trajectory' ? element('plots') : box);
  window.hopfmap.ready = true;
}

begin().catch((e) => {
  element('verdict').textContent = `This page cannot be shown: ${e.message}. It needs a browser of 2023 or later.`;
  throw e;
});
