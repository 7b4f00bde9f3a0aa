/** The stage `demonstrations`: solutions in both forms, and the snippets that they run. */

import { z } from 'zod';
import { json, jsonLines, putJson } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import type { SftConfig } from '../config/training-sections.ts';
import { DEMONSTRATION_GENERATORS } from '../datasets/demonstration-generators.ts';
import type { Demonstration } from '../datasets/demonstrations.ts';
import type { PreparedWarmUp, PrepareWarmUpInput } from '../protocol/activities.ts';
import { readConfig } from './read-config.ts';
import { countsSchema } from './step-facts.ts';
import { StepFailure } from './step-failure.ts';
import { prepareTraces } from './traces.ts';

export const demonstrationsStep = defineStep({
  stage: 'demonstrations',
  version: 1,
  inputs: z.object({}),
  outputs: {
    demonstrations: jsonLines<Demonstration>(),
    /** Blobs of the distinct snippets, a JSON list each. */
    batches: json(z.array(digestSchema)),
  },
  facts: countsSchema,
});

/** Snippets of one execution step: some seconds of sandbox time, so a killed worker loses little. */
const SNIPPETS_A_BATCH = 4000;

/** Generates the demonstrations and lists the distinct snippets that they run. */
export async function prepareWarmUp(store: ArtifactStore, input: PrepareWarmUpInput): Promise<PreparedWarmUp> {
  const config = await readConfig(store, input.config);
  const { demonstrations: generator, problems: count, seed } = requireSft(config);
  if (typeof generator !== 'string') return prepareTraces(store, config, { ...generator, limit: count });
  if (count === undefined) throw new StepFailure('bad-input', 'sft.problems is not set');
  const at = { inputs: {}, config: { generator, count }, seed: `${seed}` };
  const { key, outputs } = await demonstrationsStep.run(store, at, async () => {
    const demonstrations = DEMONSTRATION_GENERATORS[generator].generate({ count, seed });
    const codes = [...new Set(demonstrations.map(({ code }) => code.code))];
    const batches: Digest[] = [];
    for (let from = 0; from < codes.length; from += SNIPPETS_A_BATCH)
      batches.push((await putJson(store, codes.slice(from, from + SNIPPETS_A_BATCH))).digest);
    return {
      outputs: { demonstrations, batches },
      facts: { demonstrations: demonstrations.length, snippets: codes.length },
    };
  });
  return { manifest: key, batches: await outputs.batches.read() };
}

export function requireSft({ sft: settings }: CampaignConfig): SftConfig {
  if (settings === undefined) throw new StepFailure('bad-input', 'the campaign has no sft section');
  return settings;
}
