/** The stage `demonstration-set`: the demonstrations, completed with the output of their code. */
import { z } from 'zod';
import { jsonLines, readJson } from '../artifacts/codecs.ts';
import { defineStep, type StepOutput } from '../artifacts/define-step.ts';
import { digestSchema, listInputs } from '../artifacts/step-inputs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { CampaignConfig, SftConfig } from '../config/campaign.ts';
import { templateOf } from '../config/defaults.ts';
import { DEMONSTRATION_GENERATORS } from '../datasets/demonstration-generators.ts';
import {
  type CompletedDemonstration,
  completeDemonstrations,
  type SnippetOutcome,
} from '../datasets/demonstrations.ts';
import type { WarmUpInput } from '../protocol/activities.ts';
import type { Tokenizer } from '../sampler/types.ts';
import { demonstrationsStep } from './demonstrations.ts';
import { executeBatchStep } from './execute-batch.ts';
import { countsSchema } from './step-facts.ts';
import { StepFailure } from './step-failure.ts';

const demonstrationSetStep = defineStep({
  stage: 'demonstration-set',
  version: 1,
  /** Manifest of the demonstrations, and the manifests of their executed batches, named `0`, `1`, … */
  inputs: z.object({ demonstrations: digestSchema }).catchall(digestSchema),
  outputs: { completed: jsonLines<CompletedDemonstration>() },
  facts: countsSchema,
});

interface CompleteDeps {
  readonly store: ArtifactStore;
  readonly readTokenizer: (modelDirectory: string) => Promise<Tokenizer>;
}

export async function completeWarmUp(
  { store, readTokenizer }: CompleteDeps,
  config: CampaignConfig,
  settings: SftConfig,
  input: WarmUpInput,
): Promise<StepOutput<CompletedDemonstration[]>> {
  const at = {
    inputs: { demonstrations: input.demonstrations, ...listInputs(input.executions) },
    config: { generator: settings.demonstrations, template: templateOf(config) },
  };
  const { outputs } = await demonstrationSetStep.run(store, at, async () => {
    const prepared = await demonstrationsStep.read(store, input.demonstrations);
    const demonstrations = await prepared.outputs.demonstrations.read();
    const batches = await prepared.outputs.batches.read();
    const outcomeOf = new Map<string, SnippetOutcome>();
    for (const [at, key] of input.executions.entries()) {
      const codes = await readJson<string[]>(store, batches[at] ?? missingBatch(at));
      const outcomes = await (await executeBatchStep.read(store, key)).outputs.results.read();
      for (const [index, code] of codes.entries()) outcomeOf.set(code, outcomes[index] ?? missingBatch(at));
    }
    const tokenizer = await readTokenizer(await store.materialiseTree(input.base));
    const { style: styleOf } = DEMONSTRATION_GENERATORS[settings.demonstrations];
    const style = { ...styleOf(endText(tokenizer)), template: templateOf(config) };
    const completed = await completeDemonstrations(demonstrations, style, async (codes) =>
      codes.map((code) => outcomeOf.get(code) ?? missingBatch(-1)),
    );
    return { outputs: { completed }, facts: { demonstrations: completed.length } };
  });
  return outputs.completed;
}

function missingBatch(at: number): never {
  throw new StepFailure('incomplete', `the demonstrations' snippets and their outcomes don't match (batch ${at})`);
}

function endText(tokenizer: Tokenizer): string {
  const first = tokenizer.eosTokenIds[0];
  if (first === undefined)
    throw new StepFailure('bad-input', 'the model has no end-of-sequence token, so nothing can end a solution');
  return tokenizer.decode([first]);
}
