// A recorded trajectory: any of its variables over time, its states and its spectrum as they are in the file.

function show_recorded() {
  const series = new Map(data.series.map((s) => [s.name, s.data]));
  const { t, spectrum } = data;
  const cycle = { t };
  for (const name of ['X', 'Y', 'Z', 'V']) cycle[name.toLowerCase()] = Array.from(series.get(name));
  const select = element('variable');
  options(select, data.series.map((s) => [s.name, s.name]), 'V');
  const show = () => {
    element('caption_v').textContent = `${select.value} over t / τc`;
    show_motion({ way: { t, v: series.get(select.value) }, cycle, spectrum, floor: 1e-14 });
  };
  select.addEventListener('change', show);
  element('caption_s').textContent = 'Power spectral density of V over angular frequency';
  element('caption_p').textContent = 'V over X';
  element('verdict').textContent = data.verdict;
  window.hopfmap.last = { ...data.last };
  show();
}
