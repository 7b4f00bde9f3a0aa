/** Many executions in one go, some of them endless; the report holds what must be true at the end for any number. */
import { readdirSync } from 'node:fs';
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import type { Census } from '../../../src/sandbox/messages.ts';
import type { SandboxMetrics } from '../../../src/sandbox/metrics.ts';
import type { ExecutionRequest } from '../../../src/sandbox/types.ts';

const ENDLESS_EVERY = 100;
const BATCH = 1000;

/** Real-looking work; each prints what only it can print. */
const WORK: ((i: number) => [string, string])[] = [
  (i) => [`print(${i} * 3)`, `${i * 3}\n`],
  (i) => [`from sympy import *\nx = symbols('x')\nprint(solve(x - ${i}, x))`, `[${i}]\n`],
  (i) => [`import numpy as np\nprint(int(np.arange(${i % 50}).sum()))`, `${((i % 50) * ((i % 50) - 1)) / 2}\n`],
  (i) => [`open('f', 'w').write('${i}')\nprint(open('f').read())`, `${i}\n`],
  (i) => [`import subprocess\nsubprocess.Popen(['sleep', '60'])\nprint(${i})`, `${i}\n`],
];

export interface SoakReport {
  /** Requests whose end or output was not what it had to be. */
  readonly wrong: string[];
  readonly census: readonly Census[];
  readonly metrics: SandboxMetrics;
  /** Open descriptors of this process after the first batch and after the last. */
  readonly descriptors: readonly [number, number];
  readonly heapBytes: readonly [number, number];
}

/** More than one batch shows the progress. */
export async function soak(executions: number): Promise<SoakReport> {
  const sandbox = await createSandbox({ cache: false, limits: { cpuMs: 250, wallMs: 60_000 } });
  const wrong: string[] = [];
  let first: [number, number] | undefined;
  try {
    for (let from = 0; from < executions; from += BATCH) {
      const indices = Array.from({ length: Math.min(BATCH, executions - from) }, (_, k) => from + k);
      const expected = indices.map((i) => expectedOf(i));
      const results = await sandbox.run(expected.map(({ request }) => request));
      for (const [k, result] of results.entries()) {
        const { end, stdout } = expected[k] ?? { end: '', stdout: '' };
        if (result.end !== end || result.stdout !== stdout)
          wrong.push(
            `${result.id}: ${result.end} ${JSON.stringify(result.stdout.slice(0, 100))} ${result.cause ?? ''}`,
          );
      }
      if (executions > BATCH) console.log(`${from + results.length} executions, ${wrong.length} wrong`);
      first ??= usage();
    }
    const last = usage();
    const [descriptors, heap] = first ?? last;
    return {
      wrong,
      census: await sandbox.census(),
      metrics: sandbox.metrics(),
      descriptors: [descriptors, last[0]],
      heapBytes: [heap, last[1]],
    };
  } finally {
    await sandbox.close();
  }
}

function expectedOf(i: number): { request: ExecutionRequest; end: string; stdout: string } {
  const isEndless = i % ENDLESS_EVERY === 42;
  const [code, stdout] = isEndless ? ['while True: pass', ''] : (WORK[i % WORK.length]?.(i) ?? ['', '']);
  return {
    request: { id: `${i}`, previousBlocks: [], code, seed: i },
    end: isEndless ? 'cpu-timeout' : 'ok',
    stdout,
  };
}

function usage(): [number, number] {
  globalThis.gc?.();
  return [readdirSync('/proc/self/fd').length, process.memoryUsage().heapUsed];
}
