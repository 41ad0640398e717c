// Amplitudes of V over angular frequency.

// Amplitudes of the harmonics of one period that is sampled evenly, its last sample the same as its first.
function harmonics(v, period) {
  const n = v.length - 1;
  const most = Math.min(40, Math.floor(n / 4));
  const out = { frequency: [], amplitude: [] };
  for (let k = 1; k <= most; k += 1) {
    let [re, im] = [0, 0];
    for (let i = 0; i < n; i += 1) {
      const angle = 2 * Math.PI * k * i / n;
      re += v[i] * Math.cos(angle);
      im += v[i] * Math.sin(angle);
    }
    out.frequency.push(2 * Math.PI * k / period);
    out.amplitude.push(2 * Math.hypot(re, im) / n);
  }
  return out;
}

// Amplitudes of a stretch of V that does not repeat: Hann's window and a Fourier transform of 2^m samples.
function amplitudes(v, dt) {
  const n = 2 ** Math.floor(Math.log2(v.length));
  const mean = v.slice(0, n).reduce((a, b) => a + b, 0) / n;
  const re = Float64Array.from({ length: n }, (_, i) => (v[i] - mean) * (1 - Math.cos(2 * Math.PI * i / n)));
  const im = new Float64Array(n);
  transform(re, im);
  const out = { frequency: [], amplitude: [] };
  for (let k = 1; k < n / 2; k += 1) {
    out.frequency.push(2 * Math.PI * k / (n * dt));
    out.amplitude.push(2 * Math.hypot(re[k], im[k]) / n);
  }
  return out;
}

// Fast Fourier transform in place.
function transform(re, im) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i += 1) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    for (let k = 0; k < size / 2; k += 1) {
      const [c, s] = [Math.cos(2 * Math.PI * k / size), -Math.sin(2 * Math.PI * k / size)];
      for (let i = k; i < n; i += size) {
        const j = i + size / 2;
        const [x, y] = [re[j] * c - im[j] * s, re[j] * s + im[j] * c];
        [re[j], im[j]] = [re[i] - x, im[i] - y];
        [re[i], im[i]] = [re[i] + x, im[i] + y];
      }
    }
  }
}
