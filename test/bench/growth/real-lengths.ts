/** Curation of rollouts of real lengths, in this process as control does it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { digestSchema } from '../../../src/artifacts/step-inputs.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import type { CurateInput } from '../../../src/protocol/activities.ts';
import { curateIteration, curateStep } from '../../../src/steps/curate.ts';

export interface RealLengths {
  readonly rollouts: number;
  readonly keptRollouts: number;
  readonly setMb: number;
  /** Digest of the set: equal for every version of this code. */
  readonly set: string;
  readonly seconds: number;
  /** Of this process. */
  readonly rssMbBefore: number;
  readonly peakRssMb: number;
  /** The longest time that this process's event loop did not run. */
  readonly longestHoldMs: number;
}

const MB = 1024 * 1024;
const EVERY_MS = 50;

export async function curateRealLengths(store: ArtifactStore, folder: string, problems: number): Promise<RealLengths> {
  const program = fileURLToPath(new URL('./write-shards.ts', import.meta.url));
  const written = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    program,
    join(folder, 'store'),
    `${problems}`,
  ]);
  const input = JSON.parse(written.stdout) as CurateInput;
  digestSchema.parse(input.score);
  globalThis.gc?.();
  const rssBefore = process.memoryUsage.rss();
  let peakRss = rssBefore;
  const timer = setInterval(() => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
  }, EVERY_MS);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  const { manifest, counts } = await curateIteration(store, input);
  const seconds = (performance.now() - started) / 1000;
  delay.disable();
  clearInterval(timer);
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
  const ref = (await curateStep.read(store, manifest)).outputs.trainingSet?.ref;
  return {
    rollouts: problems * 16,
    keptRollouts: counts.keptRollouts ?? 0,
    setMb: (ref?.bytes ?? 0) / MB,
    set: ref?.digest ?? 'none',
    seconds,
    rssMbBefore: rssBefore / MB,
    peakRssMb: peakRss / MB,
    longestHoldMs: delay.max / 1e6,
  };
}
