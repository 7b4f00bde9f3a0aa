/** Formats numbers for people, identically in the terminal and on the pages. */

/** `.84`, `−.03` */
export const formatShare = (value: number): string =>
  value
    .toFixed(2)
    .replace(/^-/, '−')
    .replace(/^(−?)0\./, '$1.');

/** `.84 [.80, .87]`, or a dash where nothing was measured. */
export function formatMeasure(
  measure: { readonly value: number; readonly low: number; readonly high: number } | undefined,
): string {
  if (measure === undefined) return '–';
  return `${formatShare(measure.value)} [${formatShare(measure.low)}, ${formatShare(measure.high)}]`;
}

/** `84.2 %` */
export const formatPercent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const shortDigest = (digest: string | undefined): string => digest?.replace('sha256:', '').slice(0, 12) ?? '–';

/** `850 ms`, `12.3 s`, `4 min 05 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 100) return `${minutes} min ${String(Math.round(seconds) % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** For estimates, with at most two digits: `about 40 s`, `about 6 min`, `about 3 h`. */
export function formatEstimate(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} min`;
  return `about ${(seconds / 3600).toFixed(seconds < 36_000 ? 1 : 0)} h`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** `1,024` */
export const formatCount = (count: number): string => Math.round(count).toLocaleString('en-US');

/** A metric of any magnitude with three digits: `1,024`, `0.98`, `2.3e-5`. */
export function formatMetric(value: number): string {
  if (Number.isInteger(value)) return formatCount(value);
  if (Math.abs(value) >= 1000) return formatCount(value);
  return Math.abs(value) < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** `3.1` below ten, `31` and `1,024` above. */
export const formatRate = (rate: number): string => (rate < 10 ? rate.toFixed(1) : formatCount(rate));

/** `2026-11-22 23:05` in UTC. */
export const formatInstant = (iso: string): string => iso.slice(0, 16).replace('T', ' ');
