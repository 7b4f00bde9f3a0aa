import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { Digest } from '../src/artifacts/types.ts';
import type { EvaluationRequest } from '../src/protocol/activities.ts';
import { EVALUATION_CANCELLED } from '../src/protocol/campaign-messages.ts';
import type { Fact } from '../src/protocol/facts.ts';
import { describeFailure, type FailureView } from '../src/protocol/failures.ts';
import type { evaluation } from './evaluation.ts';
import type { Gate } from './gate.ts';
import { resumeSignal } from './messages.ts';
import { control, stepRecords, waiting } from './policies.ts';

/**
 * Runs the campaign's evaluations of a checkpoint and waits for all. A repeated call measures only what is missing,
 * because every step of an evaluation is stored.
 * @throws ApplicationFailure that names the failed evaluations, with the type of the first
 */
export async function evaluateCheckpoint(
  of: {
    readonly campaignId: string;
    readonly iteration: number;
    /** It is the campaign's start, or no iteration is planned behind it: every suite is due. */
    readonly isEnd: boolean;
    readonly config: Digest;
    readonly checkpoint: Digest;
    /** Blob of the campaign's validation problems. */
    readonly validation: Digest | undefined;
    /** A person accepted the rollouts that sandbox or grader lost. */
    readonly acceptsFailures: boolean;
  },
  gate: Gate,
): Promise<void> {
  const { campaignId, iteration, isEnd, config, checkpoint, validation, acceptsFailures } = of;
  const described = await control.describeEvaluations({
    config,
    checkpoint,
    after: { iteration, isEnd },
    ...(validation === undefined ? {} : { validation }),
  });
  const requests = described.map((request) => ({
    ...request,
    failures: { ...request.failures, isAccepted: acceptsFailures },
  }));
  if (requests.length === 0) return;
  const stage = (status: 'running' | 'completed' | 'failed', failed = 0): Fact => ({
    kind: 'stage',
    campaignId,
    iteration,
    stage: 'evaluate',
    status,
    at: new Date().toISOString(),
    counts: { evaluations: requests.length, failed },
  });
  // The evaluation records its own result. This fact links it to the campaign, which may share it with others.
  const link = ({ workflowId, suite }: EvaluationRequest): Fact => ({
    kind: 'evaluation',
    id: workflowId,
    campaignId,
    iteration,
    checkpoint,
    suite,
    status: 'running',
    at: new Date().toISOString(),
  });
  await stepRecords.recordFacts({ facts: [stage('running'), ...requests.map(link)] });
  const outcomes = await Promise.all(requests.map((request) => runEvaluation(request, gate)));
  const failures = outcomes.flatMap((outcome) => (outcome === undefined ? [] : [outcome]));
  const [first] = failures;
  if (first === undefined) {
    await stepRecords.recordFacts({ facts: [stage('completed')] });
    return;
  }
  const reasons = failures.map(({ suite, message }) => `${suite}: ${message}`).join('; ');
  const message = `${failures.length} of ${requests.length} evaluations failed: ${reasons}`;
  // The original failure matters, even where the store that failed can't take this record.
  await stepRecords.recordFacts({ facts: [stage('failed', failures.length)] }).catch(rethrowCancellation);
  throw ApplicationFailure.nonRetryable(message, first.type);
}

/**
 * The failure of the evaluation; undefined if it was measured, or if a person cancelled it: the campaign continues
 * without it.
 */
async function runEvaluation(
  request: EvaluationRequest,
  gate: Gate,
): Promise<(FailureView & { readonly suite: string }) | undefined> {
  try {
    await measure(request, gate);
    return undefined;
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
    if (isCancellation(error) || isAwaitedCancellation(error)) return undefined;
    return { suite: request.suite, ...describeFailure(error) };
  }
}

async function measure(request: EvaluationRequest, gate: Gate): Promise<void> {
  const { workflowId } = request;
  try {
    await gate.follow((paused) =>
      startChild<typeof evaluation>('evaluation', {
        workflowId,
        args: [request, { paused }],
        // Several campaigns may share the evaluation: neither the end of this one nor a stop ends it.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
      }),
    );
  } catch (error) {
    // This campaign paused the evaluation, and no other workflow would resume it.
    if (isCancellation(error) && !gate.isOpen)
      await CancellationScope.nonCancellable(() =>
        getExternalWorkflowHandle(workflowId)
          .signal(resumeSignal, { id: `${workflowInfo().runId}/cancelled` })
          .catch(() => undefined),
      );
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await waiting.awaitEvaluation({ workflowId });
  }
}

/** Whether an evaluation that another workflow or a person had started was cancelled. */
const isAwaitedCancellation = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === EVALUATION_CANCELLED;

function rethrowCancellation(error: unknown): void {
  if (isCancellation(error)) throw error;
}
