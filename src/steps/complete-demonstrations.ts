/** The stage `demonstration-set`: the demonstrations, completed with the output of their code. */
import { z } from 'zod';
import { jsonLines, readJson } from '../artifacts/codecs.ts';
import { defineStep, type StepOutput } from '../artifacts/define-step.ts';
import { digestSchema, listInputs } from '../artifacts/step-inputs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { gradingOf, templateOf } from '../config/defaults.ts';
import type { GeneratorName, TraceSource } from '../config/training-sections.ts';
import { DEMONSTRATION_GENERATORS } from '../datasets/demonstration-generators.ts';
import { completeDemonstrations, type SnippetOutcome, type SolvedProblem } from '../datasets/demonstrations.ts';
import type { WarmUpInput } from '../protocol/activities.ts';
import type { Counts } from '../protocol/counts.ts';
import type { BlockResult } from '../rollout/types.ts';
import { readContextLength } from '../sampler/engines.ts';
import type { Tokenizer } from '../sampler/types.ts';
import { createGrading, rulesScorer } from '../scoring/rules-scorer.ts';
import { completeTraces } from './complete-traces.ts';
import { demonstrationsStep, requireSft } from './demonstrations.ts';
import { executeBatchStep } from './execute-batch.ts';
import { type Chain, executeTracesStep, resultsOf } from './execute-traces.ts';
import type { StepContext } from './step-context.ts';
import { countsSchema } from './step-facts.ts';
import { StepFailure } from './step-failure.ts';
import { chainKey, tracesStep } from './traces.ts';

const demonstrationSetStep = defineStep({
  stage: 'demonstration-set',
  version: 1,
  /** Manifest of the demonstrations, and the manifests of their executed batches, named `0`, `1`, … */
  inputs: z.object({ demonstrations: digestSchema }).catchall(digestSchema),
  outputs: { completed: jsonLines<SolvedProblem>() },
  facts: countsSchema,
});

interface CompleteDeps {
  readonly store: ArtifactStore;
  readonly readTokenizer: (modelDirectory: string) => Promise<Tokenizer>;
}

export interface CompletedWarmUp {
  readonly completed: StepOutput<SolvedProblem[]>;
  /** Of traces: `traces.kept` and the reasons for which others are left out. */
  readonly counts: Counts;
}

export async function completeWarmUp(
  deps: CompleteDeps,
  config: CampaignConfig,
  input: WarmUpInput,
  context: StepContext,
): Promise<CompletedWarmUp> {
  const { demonstrations } = requireSft(config);
  if (typeof demonstrations === 'string')
    return { completed: await completeGenerated(deps, config, demonstrations, input), counts: {} };
  return completeFile(deps, config, demonstrations, input, context);
}

async function completeGenerated(
  { store, readTokenizer }: CompleteDeps,
  config: CampaignConfig,
  generator: GeneratorName,
  input: WarmUpInput,
): Promise<StepOutput<SolvedProblem[]>> {
  const at = {
    inputs: { demonstrations: input.demonstrations, ...listInputs(input.executions) },
    config: { generator, template: templateOf(config) },
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
    const { style: styleOf } = DEMONSTRATION_GENERATORS[generator];
    const style = { ...styleOf(endText(tokenizer)), template: templateOf(config) };
    const completed = await completeDemonstrations(demonstrations, style, async (codes) =>
      codes.map((code) => outcomeOf.get(code) ?? missingBatch(-1)),
    );
    return { outputs: { completed }, facts: { demonstrations: completed.length } };
  });
  return outputs.completed;
}

async function completeFile(
  { store, readTokenizer }: CompleteDeps,
  config: CampaignConfig,
  { keep }: TraceSource,
  input: WarmUpInput,
  context: StepContext,
): Promise<CompletedWarmUp> {
  const template = templateOf(config);
  const scorer = rulesScorer(createGrading());
  const { grading: conventions } = gradingOf(config);
  const at = {
    inputs: { base: input.base, demonstrations: input.demonstrations, ...listInputs(input.executions) },
    config: { keep, template, ...scorer.fingerprint, ...(conventions === undefined ? {} : { conventions }) },
  };
  const { outputs, facts } = await demonstrationSetStep.run(store, at, async () => {
    const prepared = await tracesStep.read(store, input.demonstrations);
    const batches = await prepared.outputs.batches.read();
    const resultsByChain = new Map<string, readonly BlockResult[]>();
    for (const [at, key] of input.executions.entries()) {
      const chains = await readJson<readonly Chain[]>(store, batches[at] ?? missingBatch(at));
      const results = resultsOf(chains, await (await executeTracesStep.read(store, key)).outputs.results.read());
      for (const [index, chain] of chains.entries())
        resultsByChain.set(chainKey(chain), results[index] ?? missingBatch(at));
    }
    const directory = await store.materialiseTree(input.base);
    const tokenizer = await readTokenizer(directory);
    const read = { traces: await prepared.outputs.traces.read(), unreadable: prepared.facts.unreadable ?? 0 };
    const options = {
      template,
      tokenizer,
      end: endText(tokenizer),
      quote: (text: string) => tokenizer.quote(text),
      keep,
      conventions,
      maxContextTokens: await readContextLength(directory),
      scorer,
    };
    const { solved, counts } = await completeTraces(read, resultsByChain, options, context);
    return { outputs: { completed: solved }, facts: { demonstrations: solved.length, ...counts } };
  });
  const { demonstrations: _queries, ...counts } = facts;
  return { completed: outputs.completed, counts };
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
