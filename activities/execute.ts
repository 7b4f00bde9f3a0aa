/** Runs what the model wrote. Whatever the code does is a result; only the sandbox itself can fail. */
import { setTimeout as sleep } from 'node:timers/promises';
import { outputOf, runStep } from '../src/artifacts/step.ts';
import type { ArtifactStore } from '../src/artifacts/types.ts';
import { batchRunner } from '../src/datasets/batch-program.ts';
import { readJsonLines, writeJsonLines } from '../src/formats/json-lines.ts';
import type { ExecutionLimits, ExecutionRequest, ExecutionResult, Sandbox } from '../src/sandbox/types.ts';
import { executeBatchInput, executeInput } from './inputs.ts';
import type { ExecutionLine } from './sample.ts';
import { WARM_UP_LIMITS } from './support/execution-limits.ts';
import { named, StepFailure } from './support/failure.ts';
import { countsOf, requireManifest } from './support/rollout-blobs.ts';
import { runActivity, type StepContext } from './support/run-step.ts';
import { readJson, type ShardPlan } from './support/shard-plan.ts';
import type { SandboxActivities } from './types.ts';

const TURN_STAGE = { stage: 'execute', version: 1 } as const;
const BATCH_STAGE = { stage: 'execute-batch', version: 1 } as const;

export interface ExecuteDeps {
  readonly store: ArtifactStore;
  /** The pool with these limits, opened once. */
  readonly sandboxFor: (limits: ExecutionLimits) => Promise<Sandbox>;
}

// A container that died is replaced within a second or two; what still fails then is the engine.
const RETRY_DELAYS_MS = [500, 2000];
/** Up to this share of a turn's blocks may be lost, counted and left out; more is an outage, and the turn is done again. */
const INFRASTRUCTURE_SHARE = 0.1;

export function createSandboxActivities({ store, sandboxFor }: ExecuteDeps): SandboxActivities {
  return {
    executeTurn: runActivity(executeInput, async (input, context) => {
      const turn = await requireManifest(store, input.turn);
      const snippets = outputOf(turn, 'snippets').digest;
      const planDigest = turn.step.inputs.plan;
      if (planDigest === undefined) throw new Error(`step ${turn.key} names no plan`);
      const { limits } = await readJson<ShardPlan>(store, planDigest);
      const sandbox = await named('sandbox-unavailable', () => sandboxFor(limits));
      const step = { ...TURN_STAGE, inputs: { snippets }, config: { fingerprint: sandbox.fingerprint }, seed: '' };
      const manifest = await runStep(store, step, async () => {
        const requests = readJsonLines<ExecutionRequest>(await store.readBlob(snippets), 'snippets');
        const results = await runAll(sandbox, requests, context);
        const counts: Record<string, number> = { executions: results.length };
        for (const { end } of results) counts[`execution.${end}`] = (counts[`execution.${end}`] ?? 0) + 1;
        return {
          outputs: { results: await store.putBlob(writeJsonLines(results.map(toLine))) },
          facts: counts,
          information: { cpuMs: results.reduce((sum, { cpuMs }) => sum + cpuMs, 0) },
        };
      });
      return { manifest: manifest.key, counts: countsOf(manifest) };
    }),

    executeBatch: runActivity(executeBatchInput, async ({ batch }, { signal }) => {
      const sandbox = await named('sandbox-unavailable', () => sandboxFor(WARM_UP_LIMITS));
      const step = { ...BATCH_STAGE, inputs: { batch }, config: { fingerprint: sandbox.fingerprint }, seed: '' };
      const manifest = await runStep(store, step, async () => {
        const codes = await readJson<string[]>(store, batch);
        const outcomes = await named('sandbox-unavailable', () => batchRunner(sandbox, signal)(codes));
        const results = await store.putBlob(writeJsonLines(outcomes));
        return { outputs: { results }, facts: { executions: outcomes.length } };
      });
      return { manifest: manifest.key, counts: countsOf(manifest) };
    }),
  };
}

/** Runs the snippets; what failed as infrastructure is tried again, and too much of it fails the step. */
async function runAll(
  sandbox: Sandbox,
  requests: readonly ExecutionRequest[],
  { signal, report }: StepContext,
): Promise<ExecutionResult[]> {
  const results = new Map<string, ExecutionResult>();
  const isInfrastructure = ({ id }: ExecutionRequest): boolean => results.get(id)?.end === 'infrastructure';
  let left = requests;
  for (const delayMs of [...RETRY_DELAYS_MS, undefined]) {
    let done = requests.length - left.length;
    const onResult = (): void => {
      done += 1;
      report({ done, total: requests.length, unit: 'executions' });
    };
    for (const result of await named('sandbox-unavailable', () => sandbox.run(left, { signal, onResult })))
      results.set(result.id, result);
    left = left.filter(isInfrastructure);
    if (left.length === 0 || delayMs === undefined) break;
    await sleep(delayMs, undefined, { signal });
  }
  if (left.length > requests.length * INFRASTRUCTURE_SHARE) {
    const cause = results.get(left[0]?.id ?? '')?.cause ?? 'no cause given';
    throw new StepFailure(
      'sandbox-unavailable',
      `${left.length} of ${requests.length} code blocks could not be run: ${cause}; check the container engine`,
    );
  }
  return requests.map(({ id }) => {
    const result = results.get(id);
    if (result === undefined) throw new StepFailure('sandbox-unavailable', `the sandbox returned nothing for ${id}`);
    return result;
  });
}

function toLine({ id, end, stdout, exception }: ExecutionResult): ExecutionLine {
  return { id, end, stdout, ...(exception === undefined ? {} : { exception }) };
}
