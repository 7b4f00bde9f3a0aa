/** The stage `traces`: a user's file of traces, read, and the code that they run. */
import { basename, join } from 'node:path';
import { z } from 'zod';
import { json, jsonLines, putJson } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { templateOf } from '../config/defaults.ts';
import { findPinned, tracesInput } from '../config/pinned-inputs.ts';
import type { TraceSource } from '../config/training-sections.ts';
import { digestOfFile, ProblemFileError } from '../datasets/problem-file.ts';
import type { Trace, UnreadableTrace } from '../datasets/traces/trace.ts';
import { readTraceFile } from '../datasets/traces/trace-file.ts';
import type { PreparedWarmUp } from '../protocol/activities.ts';
import { FENCE_RULES } from '../rollout/fences.ts';
import type { Chain } from './execute-traces.ts';
import { countsSchema } from './step-facts.ts';
import { StepFailure } from './step-failure.ts';

export const tracesStep = defineStep({
  stage: 'traces',
  version: 1,
  inputs: z.object({}),
  outputs: {
    traces: jsonLines<Trace>(),
    /** Left out: their text is no solution that a rollout could be. */
    unreadable: jsonLines<UnreadableTrace>(),
    /** Blobs of the distinct chains of code, a JSON list each. */
    batches: json(z.array(digestSchema)),
  },
  facts: countsSchema,
});

/** Blocks of one execution step. Each is a process of its own, so a killed worker loses half a minute. */
const BLOCKS_A_BATCH = 500;

export async function prepareTraces(
  store: ArtifactStore,
  config: CampaignConfig,
  source: TraceSource & { readonly limit: number | undefined },
): Promise<PreparedWarmUp> {
  const { file } = source;
  const pinned = findPinned(config, tracesInput(file));
  if (pinned === undefined) return prepareFile(store, config, source);
  return store.inStoreFolder(async (folder) => {
    // The ending says how it is read.
    const copy = join(folder, basename(file));
    await store.fetchBlob(pinned, copy);
    return prepareFile(store, config, { ...source, file: copy });
  });
}

async function prepareFile(
  store: ArtifactStore,
  config: CampaignConfig,
  { file, limit }: Parameters<typeof prepareTraces>[2],
): Promise<PreparedWarmUp> {
  const template = templateOf(config);
  const read = { template, limit };
  const content = await refusing(() => digestOfFile(file));
  const slice = { content, fences: FENCE_RULES, template, ...(limit === undefined ? {} : { limit }) };
  const { key, outputs } = await tracesStep.run(store, { inputs: {}, config: slice }, async () => {
    const { traces, unreadable } = await refusing(() => readTraceFile(file, read));
    const batches: Digest[] = [];
    for (const chains of cut(chainsOf(traces))) batches.push((await putJson(store, chains)).digest);
    const facts = { traces: traces.length + unreadable.length, unreadable: unreadable.length };
    return { outputs: { traces, unreadable, batches }, facts };
  });
  return { manifest: key, batches: await outputs.batches.read() };
}

/** The file is a setting, so whatever is wrong with it is bad input. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProblemFileError)) throw error;
    throw new StepFailure('bad-input', `sft.demonstrations: ${error.message}`, error);
  }
}

export const chainOf = ({ turns }: Trace): Chain => turns.flatMap(({ code }) => code ?? []);

/** By which equal chains are found. */
export const chainKey = (chain: Chain): string => JSON.stringify(chain);

/** Equal programs are run once. */
function chainsOf(traces: readonly Trace[]): Chain[] {
  const chains = traces.map(chainOf).filter((chain) => chain.length > 0);
  return [...new Map(chains.map((chain) => [chainKey(chain), chain])).values()];
}

function cut(chains: readonly Chain[]): Chain[][] {
  const batches: Chain[][] = [];
  let blocks = BLOCKS_A_BATCH;
  for (const chain of chains) {
    if (blocks >= BLOCKS_A_BATCH) batches.push([]);
    blocks = (blocks >= BLOCKS_A_BATCH ? 0 : blocks) + chain.length;
    batches.at(-1)?.push(chain);
  }
  return batches;
}
