/**
 * What grows with the work: one iteration of 7,000 problems × 16 rollouts, then 100 iterations of 64 problems, with a
 * simulated sampler, sandbox and trainer through the real Temporal server, store, database and control.
 *
 *   node --expose-gc --import tsx test/bench/growth/growth.ts [--problems 7000] [--iterations 100] [--write]
 *   node --expose-gc --import tsx test/bench/growth/growth.ts --only lengths [--problems 7000]
 *
 * Prints the figures as JSON; `--write` puts them into docs/growth.md. `--only lengths` curates synthetic rollouts of 150 +
 * 800 tokens and does nothing else.
 */
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CampaignConfig, campaignSchema } from '../../../src/config/campaign.ts';
import { readCampaign } from '../../../src/db/read-campaigns.ts';
import type { CampaignDetail } from '../../../src/db/views.ts';
import type { CampaignResult } from '../../../src/protocol/campaign-input.ts';
import { taskQueueOf } from '../../../src/protocol/queues.ts';
import { campaignWorkflowId } from '../../../src/protocol/workflow-ids.ts';
import { type GrowthFigures, growthMarkdown, type LargeIteration, type ManyIterations } from './growth-page.ts';
import { measureHistories } from './histories.ts';
import { startMeter } from './meter.ts';
import { curateRealLengths } from './real-lengths.ts';
import { type GrowthStack, startGrowthStack } from './stack.ts';

const { values } = parseArgs({
  options: {
    problems: { type: 'string', default: '7000' },
    iterations: { type: 'string', default: '100' },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

const stack = await startGrowthStack();
try {
  // First: later cases leave this process larger.
  const lengths = await curateRealLengths(stack.store, stack.folder, Number(values.problems));
  if (values.only === 'lengths') {
    console.log(JSON.stringify(lengths, null, 2));
  } else {
    const figures: GrowthFigures = {
      lengths,
      large: await largeIteration(stack, Number(values.problems)),
      many: await manyIterations(stack, Number(values.iterations)),
    };
    console.log(JSON.stringify(figures, null, 2));
    if (values.write) await writeFile('docs/growth.md', growthMarkdown(figures));
  }
} finally {
  await stack.stop();
}
process.exit(0);

async function run({ client, db }: GrowthStack, config: CampaignConfig): Promise<CampaignDetail> {
  const handle = await client.workflow.start('campaign', {
    workflowId: campaignWorkflowId(config.name),
    taskQueue: taskQueueOf('control'),
    args: [{ campaignId: config.name, config }],
  });
  const { status, reason } = (await handle.result()) as CampaignResult;
  if (status !== 'completed') throw new Error(`${config.name} ended as ${status}: ${reason}`);
  const campaign = await readCampaign(db, config.name);
  if (campaign === undefined) throw new Error(`${config.name} is not in the database`);
  return campaign;
}

async function largeIteration(on: GrowthStack, problems: number): Promise<LargeIteration> {
  const config = campaignSchema.parse({
    name: 'large',
    model: on.model,
    template: 'testbed',
    iterations: 1,
    problems: [{ from: await on.problemFile('large', 100_000, problems) }],
    problemsPerIteration: problems,
    sampling: { samplesPerArm: 8, maxNewTokens: 64, maxTurns: 2 },
  });
  const meter = startMeter();
  const campaign = await run(on, config);
  meter.stop();
  const iteration = campaign.iterations.find((item) => item.iteration === 1);
  const seconds = Object.fromEntries(iteration?.stages.map((item) => [item.stage, item.seconds ?? 0]) ?? []);
  const rollouts = problems * 16;
  return {
    problems,
    rollouts,
    shards: iteration?.shardsDone ?? 0,
    seconds,
    rolloutsPerSecond: rollouts / (seconds.sample ?? 0),
    rolloutsPerSecondToCurated: rollouts / ((seconds.sample ?? 0) + (seconds.score ?? 0) + (seconds.curate ?? 0)),
    histories: await measureHistories(on.client, config.name),
    liveHeapMb: meter.liveHeapMb(),
    peakRssMb: meter.peakRssMb(),
    controlCpuSeconds: meter.cpuSeconds(),
  };
}

async function manyIterations(on: GrowthStack, iterations: number): Promise<ManyIterations> {
  const config = campaignSchema.parse({
    name: 'many',
    model: on.model,
    template: 'testbed',
    iterations,
    problems: [{ from: await on.problemFile('many', 200_000, 640) }],
    problemsPerIteration: 64,
    sampling: { samplesPerArm: 8, maxNewTokens: 64, maxTurns: 2 },
    evaluations: [{ suite: 'held', problems: { from: await on.problemFile('held', 300_000, 16) } }],
  });
  const cpu: number[] = [];
  const seen = new Set<number>();
  const cpuNow = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
  // Processor time of control between the ends of iterations: on a busy machine it says more than the clock.
  const timer = setInterval(async () => {
    const done = (await readCampaign(on.db, 'many').catch(() => undefined))?.iterationsDone ?? 0;
    if (!seen.has(done)) cpu.push(cpuNow());
    seen.add(done);
  }, 1000);
  const meter = startMeter();
  const campaign = await run(on, config);
  meter.stop();
  clearInterval(timer);
  const started = performance.now();
  await readCampaign(on.db, 'many');
  const readMs = performance.now() - started;
  const done = campaign.iterations.filter((item) => item.iteration > 0);
  const seconds = done.map(({ startedAt = '' }, at) => {
    const next = done[at + 1]?.startedAt ?? campaign.updatedAt;
    return (Date.parse(next) - Date.parse(startedAt)) / 1000;
  });
  const fifth = Math.max(1, Math.floor(seconds.length / 5));
  return {
    iterations,
    secondsFirstFifth: mean(seconds.slice(0, fifth)),
    secondsLastFifth: mean(seconds.slice(-fifth)),
    controlCpuSecondsFirstHalf: (cpu[Math.floor(cpu.length / 2)] ?? 0) - (cpu[0] ?? 0),
    controlCpuSecondsSecondHalf: (cpu.at(-1) ?? 0) - (cpu[Math.floor(cpu.length / 2)] ?? 0),
    histories: await measureHistories(on.client, 'many'),
    liveHeapMb: meter.liveHeapMb(),
    peakRssMb: meter.peakRssMb(),
    readCampaignMs: readMs,
    journalFiles: (await readdir(join(on.folder, 'store', 'journals', 'many'))).length,
    databaseMb: (await folderBytes(join(on.folder, 'database'))) / 1024 / 1024,
  };
}

function mean(all: readonly number[]): number {
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
