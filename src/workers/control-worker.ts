/** The worker in the control process: workflows, and the activities that need the database. */
import { type Client, isGrpcServiceError, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { type ControlDeps, createControlActivities } from '../../activities/control.ts';
import { collectCheckpoints, planCollection } from '../campaigns/collect-checkpoints.ts';
import { findRollback } from '../campaigns/find-rollback.ts';
import type { RecordsDeps } from '../campaigns/records.ts';
import type { Database } from '../db/database.ts';
import { follow } from '../process/follow.ts';
import type { EvaluationDone } from '../protocol/activities.ts';
import { EVALUATION_CANCELLED } from '../protocol/campaign-messages.ts';
import { describeFailure } from '../protocol/failures.ts';
import { requireOwn } from '../protocol/refused-payload.ts';
import { createGrading } from '../scoring/rules-scorer.ts';
import type { ResolveProblems } from '../steps/describe-evaluation.ts';
import { createClient, type TemporalAccess } from '../temporal/connect.ts';
import { listOpenReplays } from '../temporal/replay-runs.ts';
import { type RunningWorker, startWorker } from '../temporal/worker.ts';
import { readOrBundleWorkflows } from '../temporal/workflow-bundle.ts';

export interface ControlWorkerDeps extends RecordsDeps {
  readonly temporal: TemporalAccess;
  readonly db: Database;
  readonly resolveProblems: ResolveProblems;
  /** See `WorkerOptions.home`. */
  readonly home?: string;
  /** File that caches the bundled workflows between starts. */
  readonly bundleFile: string;
}

/** Maximum concurrent activities; most wait for the disk or the database. */
const CONCURRENCY = 16;

export async function startControlWorker(deps: ControlWorkerDeps): Promise<RunningWorker> {
  const { temporal } = deps;
  const client = createClient(temporal);
  const activities = createControlActivities({
    ...deps,
    grading: createGrading(),
    findRollback: (input) => findRollback(deps.db, input),
    collectCheckpoints: collectorOf(deps, client),
    waitForEvaluation: (workflowId, signal) => waitForEvaluation(client, workflowId, signal),
  });
  const workflowBundle = await readOrBundleWorkflows(deps.bundleFile);
  const worker = await startWorker({
    role: 'control',
    ...temporal,
    activities,
    concurrency: CONCURRENCY,
    workflowBundle,
    ...(deps.home === undefined ? {} : { home: deps.home }),
  });
  return {
    ended: worker.ended,
    async shutdown() {
      await worker.shutdown();
      await client.connection.close();
    },
  };
}

/** Does what `checkpoint gc` does, for the checkpoints of one campaign. */
export function collectorOf(
  { db, store }: Pick<ControlWorkerDeps, 'db' | 'store'>,
  client: Client,
): ControlDeps['collectCheckpoints'] {
  const deps = { db, store, gateway: { listOpenReplays: () => listOpenReplays(client) } };
  return async ({ campaignId, keepLast }) => {
    await collectCheckpoints(deps, await planCollection(deps, keepLast, campaignId));
  };
}

const ASK_AGAIN_MS = 1000;

/** Waiting for a result fails when the server goes away, but the evaluation continues, so the wait is retried. */
export function waitForEvaluation(client: Client, workflowId: string, signal: AbortSignal): Promise<EvaluationDone> {
  return follow({
    ask: async () =>
      requireOwn('the result', (await client.workflow.result(workflowId).catch(throwFailure)) as EvaluationDone),
    endOf: (done) => done,
    pause: ASK_AGAIN_MS,
    mayPass: isGrpcServiceError,
    retryMs: ASK_AGAIN_MS,
    signal,
  });
}

/** Rethrows the evaluation's own failure as the caller's. */
function throwFailure(error: unknown): never {
  if (!(error instanceof WorkflowFailedError)) throw error;
  if (error.cause instanceof CancelledFailure)
    throw ApplicationFailure.nonRetryable('the evaluation was cancelled', EVALUATION_CANCELLED);
  const { type, message } = describeFailure(error.cause);
  throw ApplicationFailure.nonRetryable(message, type);
}
