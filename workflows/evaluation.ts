/**
 * Measures one checkpoint on one suite. Its id identifies the measurement, so a second request joins the first. It
 * outlives the campaign or the person that requested it, and never touches training data.
 */

import { CancellationScope, isCancellation, startChild, workflowInfo } from '@temporalio/workflow';
import type { EvaluationDone, EvaluationRequest } from '../src/protocol/activities.ts';
import { type Counts, sumCounts } from '../src/protocol/counts.ts';
import type { Fact } from '../src/protocol/facts.ts';
import { requireBudget } from '../src/protocol/failure-budget.ts';
import { describeFailure } from '../src/protocol/failures.ts';
import { shardWorkflowId } from '../src/protocol/workflow-ids.ts';
import { admit } from './admission.ts';
import { createSignalledGate } from './gate.ts';
import { control, statusRecords, stepRecords } from './policies.ts';
import type { rolloutShard } from './rollout-shard.ts';

// Shares one machine with a campaign: enough to keep the engine busy while another shard waits for the sandbox.
const SHARDS_IN_FLIGHT = 2;

export async function evaluation(request: EvaluationRequest, start = { paused: false }): Promise<EvaluationDone> {
  const { workflowId } = workflowInfo();
  const { checkpoint, suite, spec, failures } = request;
  const { patienceMs } = failures;
  const gate = createSignalledGate(start.paused);
  const fact = (rest: Pick<Extract<Fact, { kind: 'evaluation' }>, 'status' | 'manifest' | 'metrics' | 'reason'>) =>
    ({ kind: 'evaluation', id: workflowId, checkpoint, suite, at: new Date().toISOString(), ...rest }) satisfies Fact;
  try {
    const running = stepRecords.recordFacts({ facts: [fact({ status: 'running' })] });
    const [plan] = await Promise.all([control.planEvaluation({ spec }), running]);
    const { rolloutsByArm } = plan;
    let counts: Counts = {};
    const shards = await admit(
      plan.shards,
      SHARDS_IN_FLIGHT,
      () => gate.isOpen,
      async (shard, index) => {
        const result = await gate.follow<typeof rolloutShard>((paused) =>
          startChild<typeof rolloutShard>('rolloutShard', {
            workflowId: shardWorkflowId(workflowId, index),
            // Rollouts that an earlier evaluation lost are tried once more. No training depends on the difference.
            args: [{ checkpoint, ...shard, patienceMs, retriesFailed: true, paused }],
          }),
        );
        counts = sumCounts([counts, result.counts]);
        const { cause } = result;
        requireBudget({ counts, rolloutsByArm, ...(cause === undefined ? {} : { cause }) }, failures);
        return result;
      },
    );
    await gate.pass();
    const score = await control.scoreRollouts({
      shards: shards.map((shard) => shard.grades),
      rolloutsPlanned: plan.shards.reduce((sum, shard) => sum + shard.rollouts, 0),
    });
    const done = await control.summariseEvaluation({ score: score.manifest });
    await stepRecords.recordFacts({
      facts: [fact({ status: 'completed', manifest: done.manifest, metrics: done.metrics })],
    });
    return done;
  } catch (error) {
    const reason = isCancellation(error) ? 'cancelled by a person' : describeFailure(error).message;
    // A waiting campaign needs the failure, even where the failed store can't record it.
    const { recordFacts } = workflowInfo().parent === undefined ? statusRecords : stepRecords;
    await CancellationScope.nonCancellable(() => recordFacts({ facts: [fact({ status: 'failed', reason })] })).catch(
      () => undefined,
    );
    throw error;
  }
}
