/**
 * What-if over a stored iteration of the paper's size, 7,000 problems × 16 rollouts: seconds from the question to the
 * answer, reading included, and how long the thread that asks was held up meanwhile. On another folder's disk: TMPDIR.
 *
 *     node --import tsx test/bench/what-if.ts
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { openStore } from '../../src/artifacts/open-store.ts';
import type { Settings } from '../../src/config/settings.ts';
import { runWhatIf } from '../../src/replay/what-if-run.ts';
import { storeIteration } from '../support/stored-iteration.ts';

const PROBLEMS = 7000;
const SAMPLES_PER_ARM = 8;
const LIMIT_S = 5;

const QUESTIONS: readonly (readonly [name: string, settings: Settings])[] = [
  ['alpha=4', { 'strategy.alpha': 4 }],
  ['alpha=4 strategy=paper k=4', { 'strategy.alpha': 4, 'strategy.name': 'paper', 'sampling.samplesPerArm': 4 }],
  ['filter.truncated=left-out', { 'filter.truncated': 'left-out' }],
  ['grader.extraction=box-only (reads the texts, grades anew)', { 'grader.extraction': 'box-only' }],
];

const folder = await mkdtemp(join(tmpdir(), 'what-if-'));
try {
  const store = await openStore(join(folder, 'store'));
  const stored = await storeIteration(store, { problems: PROBLEMS, samplesPerArm: SAMPLES_PER_ARM });
  console.log(
    `${PROBLEMS * SAMPLES_PER_ARM * 2} rollouts in ${stored.shards.length} shards; at most ${LIMIT_S} s allowed`,
  );
  const delay = monitorEventLoopDelay({ resolution: 1 });
  for (const [name, settings] of QUESTIONS) {
    delay.enable();
    const begun = performance.now();
    const report = await runWhatIf(store, stored, settings, 100);
    const seconds = (performance.now() - begun) / 1000;
    delay.disable();
    const { problems, rollouts, preferredArms, grades } = report.changed;
    console.log(
      `${name}: ${seconds.toFixed(2)} s; asking thread held up for at most ${(delay.max / 1e6).toFixed(0)} ms; ` +
        `${problems} problems, ${rollouts} rollouts, ${preferredArms} preferred arms, ${grades} grades change`,
    );
    delay.reset();
    if (seconds > LIMIT_S) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true });
}
