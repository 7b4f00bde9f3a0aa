/** The stage `execute-traces`: the code of traces, block by block with the state of the blocks before, as in a rollout. */
import { z } from 'zod';
import { jsonLines, readJson } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { showsValue } from '../config/defaults.ts';
import { limitsOf } from '../config/execution-limits.ts';
import type { ExecuteBatchInput, StepDone } from '../protocol/activities.ts';
import { executionCount, tally } from '../protocol/counts.ts';
import type { BlockResult } from '../rollout/types.ts';
import { type ExecuteDeps, type ExecutionLine, lineOf } from './execute.ts';
import { openPatiently, runSnippets } from './run-snippets.ts';
import type { StepContext } from './step-context.ts';
import { countsSchema, stepDoneOf } from './step-facts.ts';
import { StepFailure } from './step-failure.ts';

/** The code blocks of one trace. */
export type Chain = readonly string[];

export const executeTracesStep = defineStep({
  stage: 'execute-traces',
  version: 1,
  inputs: z.object({ batch: digestSchema }),
  /** In the order of the chains and their blocks. */
  outputs: { results: jsonLines<ExecutionLine>() },
  facts: countsSchema,
});

/** The batch is a list of chains. @throws StepFailure `sandbox-unavailable`: a trace is never left out because of the sandbox */
export async function executeTraces(
  { store, sandboxFor }: ExecuteDeps,
  config: CampaignConfig,
  { batch, patienceMs }: ExecuteBatchInput,
  context: StepContext,
): Promise<StepDone> {
  const sandbox = await openPatiently(() => sandboxFor(limitsOf(config)), patienceMs, context);
  const showValue = showsValue(config);
  const at = { inputs: { batch }, config: { fingerprint: sandbox.fingerprint, showValue } };
  const done = await executeTracesStep.run(store, at, async () => {
    const chains = await readJson<readonly Chain[]>(store, batch);
    const requests = chains.flatMap((blocks, chain) =>
      blocks.map((code, k) => ({
        id: `${chain}/${k}`,
        previousBlocks: blocks.slice(0, k),
        code,
        seed: 0,
        showValue,
      })),
    );
    const results = await runSnippets(sandbox, requests, patienceMs, context);
    const lost = results.find(({ end }) => end === 'infrastructure');
    if (lost !== undefined)
      throw new StepFailure(
        'sandbox-unavailable',
        `the sandbox failed at the code of a trace: ${lost.cause ?? lost.id}`,
      );
    const facts = { executions: results.length, ...tally(results.map(({ end }) => executionCount(end))) };
    return { outputs: { results: results.map(lineOf) }, facts };
  });
  return stepDoneOf(done);
}

/** Results by chain, with the stored lines' order. */
export function resultsOf(chains: readonly Chain[], lines: readonly ExecutionLine[]): BlockResult[][] {
  let from = 0;
  return chains.map((blocks) => {
    from += blocks.length;
    return lines.slice(from - blocks.length, from).map(({ id: _id, ...result }) => result);
  });
}
