import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ChildWorkflowCancellationType, executeChild, isCancellation, ParentClosePolicy } from '@temporalio/workflow';
import type { EvaluationDone, EvaluationRequest } from '../activities/types.ts';
import type { Digest } from '../src/artifacts/types.ts';
import type { Fact } from '../src/db/facts.ts';
import type { evaluation } from './evaluation.ts';
import { control, waiting } from './policies.ts';

/**
 * Runs the campaign's evaluations of a checkpoint and waits for them. One that fails is recorded as failed by itself and
 * does not hold the campaign up. Returns how many failed.
 */
export async function evaluateCheckpoint(of: {
  readonly campaignId: string;
  readonly iteration: number;
  readonly config: Digest;
  readonly checkpoint: Digest;
}): Promise<number> {
  const { campaignId, iteration, config, checkpoint } = of;
  const requests = await control.describeEvaluations({ config, checkpoint });
  if (requests.length === 0) return 0;
  const stage = (status: 'running' | 'completed' | 'failed', failed = 0): Fact => ({
    kind: 'stage',
    campaignId,
    iteration,
    stage: 'evaluate',
    status,
    at: new Date().toISOString(),
    counts: { evaluations: requests.length, failed },
  });
  // The evaluation tells its own result; this links it to the campaign, which may share it with others.
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
  await control.recordFacts({ facts: [stage('running'), ...requests.map(link)] });
  const outcomes = await Promise.all(requests.map(runEvaluation));
  const failed = outcomes.filter((outcome) => outcome === undefined).length;
  await control.recordFacts({ facts: [stage(failed === 0 ? 'completed' : 'failed', failed)] });
  return failed;
}

async function runEvaluation(request: EvaluationRequest): Promise<EvaluationDone | undefined> {
  try {
    return await executeChild<typeof evaluation>('evaluation', {
      workflowId: request.workflowId,
      args: [request],
      // It belongs to whoever asks for it, not to this campaign: neither its end nor a stop ends the evaluation.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
    });
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) return undefined;
  }
  try {
    return await waiting.awaitEvaluation({ workflowId: request.workflowId });
  } catch (error) {
    if (isCancellation(error)) throw error;
    return undefined;
  }
}
