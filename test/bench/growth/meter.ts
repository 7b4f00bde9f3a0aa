/** Memory and processor time of this process while it works. */

export interface Meter {
  /** Live heap in MB after a collection, at each tenth of the work so far and the last. */
  liveHeapMb(): number[];
  readonly peakRssMb: () => number;
  cpuSeconds(): number;
  stop(): void;
}

const EVERY_MS = 1000;
const MB = 1024 * 1024;

/** Needs `node --expose-gc`: without a collection the heap says more of the collector than of the program. */
export function startMeter(): Meter {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('start it with node --expose-gc');
  const heaps: number[] = [];
  let peakRss = 0;
  let ticks = 0;
  const sample = (): void => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
    ticks += 1;
    if (ticks % 5 !== 0) return;
    collect();
    heaps.push(process.memoryUsage().heapUsed / MB);
  };
  const timer = setInterval(sample, EVERY_MS);
  return {
    liveHeapMb: () =>
      Array.from({ length: 11 }, (_, tenth) => heaps[Math.round((tenth / 10) * (heaps.length - 1))] ?? 0),
    peakRssMb: () => peakRss / MB,
    cpuSeconds: () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
    stop: () => clearInterval(timer),
  };
}
