/** The stage `execute-batch`: snippets of the project's own demonstrations, many in one process. */
import { z } from 'zod';
import { jsonLines, readJson } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import { WARM_UP_LIMITS } from '../config/execution-limits.ts';
import { batchRunner } from '../datasets/batch-program.ts';
import type { SnippetOutcome } from '../datasets/demonstrations.ts';
import type { ExecuteBatchInput, StepDone } from '../protocol/activities.ts';
import type { ExecutionRequest } from '../sandbox/types.ts';
import { requireSft } from './demonstrations.ts';
import type { ExecuteDeps } from './execute.ts';
import { executeTraces } from './execute-traces.ts';
import { readConfig } from './read-config.ts';
import { openPatiently, runSnippets } from './run-snippets.ts';
import type { StepContext } from './step-context.ts';
import { countsSchema, stepDoneOf } from './step-facts.ts';
import { named } from './step-failure.ts';

export const executeBatchStep = defineStep({
  stage: 'execute-batch',
  version: 1,
  inputs: z.object({ batch: digestSchema }),
  outputs: { results: jsonLines<SnippetOutcome>() },
  facts: countsSchema,
});

export async function executeBatch(
  deps: ExecuteDeps,
  input: ExecuteBatchInput,
  context: StepContext,
): Promise<StepDone> {
  const { store, sandboxFor } = deps;
  const { batch, patienceMs } = input;
  const config = await readConfig(store, input.config);
  if (typeof requireSft(config).demonstrations !== 'string') return executeTraces(deps, config, input, context);
  const sandbox = await openPatiently(() => sandboxFor(WARM_UP_LIMITS), patienceMs, context);
  const at = { inputs: { batch }, config: { fingerprint: sandbox.fingerprint } };
  const done = await executeBatchStep.run(store, at, async () => {
    const codes = await readJson<string[]>(store, batch);
    const patient = {
      run: (requests: readonly ExecutionRequest[]) => runSnippets(sandbox, requests, patienceMs, context),
    };
    const results = await named('sandbox-unavailable', () => batchRunner(patient)(codes));
    return { outputs: { results }, facts: { executions: results.length } };
  });
  return stepDoneOf(done);
}
