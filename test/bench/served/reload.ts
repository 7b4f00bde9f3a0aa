/**
 * Seconds that a served checkpoint costs: by a server started on it, and by other weights in the one that runs.
 *
 *   npx tsx test/bench/served/reload.ts FOLDER MODEL     (FOLDER as made by test/bench/served/install-vllm.mjs)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../src/process/port.ts';
import { startServedSampler } from '../../../src/sampler/served/own-server.ts';
import { copyWithOtherWeights } from '../../support/other-weights.ts';
import { vllmCommand } from '../../support/vllm-command.ts';

const [folder, modelDirectory] = process.argv.slice(2);
if (folder === undefined || modelDirectory === undefined) throw new Error('usage: reload.ts FOLDER MODEL');
const scratch = await mkdtemp(join(tmpdir(), 'whencode-reload-'));
const next = join(scratch, 'next');
await copyWithOtherWeights(modelDirectory, next);

async function seconds<T>(what: string, work: () => Promise<T>): Promise<T> {
  const from = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
  return result;
}

const sampler = await seconds('a server, started and checked', async () =>
  startServedSampler({
    command: vllmCommand(folder, 'processed'),
    modelDirectory,
    servedName: 'first',
    port: await freePort(undefined),
    logFile: join(scratch, 'server.log'),
  }),
);
try {
  if (sampler.swapWeights === undefined) throw new Error('the server takes no other weights');
  for (const [name, directory] of Object.entries({ next, first: modelDirectory, again: next }))
    await seconds(`other weights (${name})`, async () => sampler.swapWeights?.(directory, name));
} finally {
  await seconds('its end', () => sampler.close());
  await rm(scratch, { recursive: true });
}
