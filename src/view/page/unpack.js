// Numbers as the page has them: base64 of a zlib stream of byte planes, all first bytes before all second ones.

function bytes_of(text) {
  const letters = atob(text);
  const out = new Uint8Array(letters.length);
  for (let i = 0; i < out.length; i += 1) out[i] = letters.charCodeAt(i);
  return out;
}

const kinds = { u8: [Uint8Array, 1], f32: [Float32Array, 4], f64: [Float64Array, 8] };

// The numbers of a text.
async function unpacked(text, kind) {
  const stream = new Blob([bytes_of(text)]).stream().pipeThrough(new DecompressionStream('deflate'));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const [type, width] = kinds[kind];
  const count = planes.length / width;
  const out = new Uint8Array(planes.length);
  for (let plane = 0; plane < width; plane += 1) {
    for (let i = 0, at = plane; i < count; i += 1, at += width) out[at] = planes[plane * count + i];
  }
  return new type(out.buffer);
}

// A column of lanes, the same at each value of a ramp's first axis.
function repeated(lanes) {
  return Float64Array.from({ length: cells }, (_, i) => lanes[i % lanes.length]);
}

// Unpacks all numbers of the data where they stand.
async function unpack() {
  const column = async (c) => {
    const values = c.data === null ? new Float32Array(c.count).fill(NaN) : await unpacked(c.data, c.type);
    c.cells = c.of_lanes ? repeated(values) : values;
    delete c.data;
  };
  const fields = async (record, names) => {
    for (const name of names) record[name] = await unpacked(record[name], 'f64');
  };
  await Promise.all([
    ...data.columns.map(column), ...(data.tables ?? []).map((table) => fields(table, ['f00', 'f01', 'f11'])),
    ...(data.series ?? []).map((s) => fields(s, ['data'])),
    ...(data.spectrum ? [fields(data, ['t']), fields(data.spectrum, ['frequency', 'amplitude'])] : []),
  ]);
}
