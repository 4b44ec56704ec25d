/** Figures as the page writes them. All functions return plain text. */

/** @param {number} p probability in [0, 1] */
export function percent(p) {
  return `${(100 * p).toFixed(1)}\u00a0%`;
}

/** A difference of probabilities in percentage points, with its sign. @param {number} p in [-1, 1] */
export function points(p) {
  const text = Math.abs(100 * p).toFixed(1);
  return Number(text) === 0 ? '±0.0' : `${p < 0 ? '−' : '+'}${text}`;
}

/** @param {number} ms */
export function milliseconds(ms) {
  return `${ms.toFixed(1)}\u00a0ms`;
}

/** "9.4 fps · 131 ms". @param {import('../types.js').Pace} pace */
export function paceWords({ fps, latency }) {
  return `${fps.toFixed(fps < 10 ? 1 : 0)}\u00a0fps · ${latency.toFixed(0)}\u00a0ms`;
}

/** A cell of a map, to three significant digits. @param {number} value */
export function figure(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e-3 && size < 1e5 ? trim(size.toPrecision(3)) : size.toExponential(1);
  return value < 0 ? `−${text}` : text;
}

/** toPrecision turns 12345 into 1.23e+4: write such numbers out. @param {string} text */
function trim(text) {
  return text.includes('e') ? String(Math.round(Number(text))) : text;
}

/** A cell with a fixed number of decimals, so that a sum can be checked by eye. @param {number} value */
export function exact(value) {
  const text = Math.abs(value).toFixed(4);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/**
 * A whole number with a comma at each thousand. `Intl` takes 50 ms to be ready when it is first asked, while a page draws.
 * @param {number} n
 */
export function grouped(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @param {number} n a number of parameters */
export function millions(n) {
  return `${(n / 1e6).toFixed(1)}\u00a0M`;
}

/** Channels, height, width as "14×14×256". @param {readonly number[]} shape `[channels, height, width]` */
export function size([channels, height, width]) {
  return `${height}×${width}×${channels}`;
}

/** "WebGPU · Apple M2", "CPU · 4 threads · simd128". @param {import('../types.js').Backend} backend */
export function backendName({ kind, adapter, threads, simd }) {
  if (kind === 'webgpu') return ['WebGPU', adapter].filter(Boolean).join(' · ');
  return `CPU · ${threads} ${threads === 1 ? 'thread' : 'threads'} · ${simd}`;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

/** "resnet18" as the paper writes it. @param {string} architecture */
export function architectureName(architecture) {
  return architecture.replace(/^resnet(\d+)$/, 'ResNet-$1');
}

/**
 * Returns the progress of loading: "runtime 0.4 of 0.6 MB · weights 8.1 of 22.4 MB (cached next time)". Completed phases
 * make room for later ones, so that it stays one line.
 * @param {Iterable<import('../types.js').Progress>} phases in the order in which they began
 */
export function progressLine(phases) {
  const all = [...phases];
  const open = all.filter(({ loaded, total }, index) => loaded !== total || index === all.length - 1);
  return open.map(phaseWords).join(' · ');
}

/** @param {import('../types.js').Progress} progress */
function phaseWords({ phase, loaded, total, fromCache }) {
  if (phase === 'compile') return total !== null && total > 1 ? `compiling ${loaded} of ${total}` : 'compiling';
  if (phase === 'warmup') return 'checking itself';
  return bytes(phase, loaded, total, fromCache);
}

/**
 * @param {string} phase
 * @param {number} loaded
 * @param {number|null} total
 * @param {boolean} fromCache
 */
function bytes(phase, loaded, total, fromCache) {
  const amount = total === null ? megabytes(loaded) : `${megabytes(loaded)} of ${megabytes(total)}`;
  const note = fromCache ? ' (from cache)' : phase === 'weights' ? ' (cached next time)' : '';
  return `${phase} ${amount}\u00a0MB${note}`;
}

/**
 * Returns the completed share of the load, by bytes of the phases that count them.
 * @param {Iterable<import('../types.js').Progress>} phases
 * @returns {number|null} in [0, 1]; null while no total is known
 */
export function progressShare(phases) {
  let loaded = 0;
  let total = 0;
  for (const phase of phases) {
    if (phase.phase !== 'runtime' && phase.phase !== 'weights') continue;
    if (phase.total === null) return null;
    loaded += phase.loaded;
    total += phase.total;
  }
  return total === 0 ? null : Math.min(1, loaded / total);
}
