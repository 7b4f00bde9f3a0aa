/**
 * Repeats a finished or failed iteration from a stage on and compares each step with the stored one. Every step has the
 * original inputs, and nothing of it is kept. The campaign itself is not notified; its journal records the replay.
 */

import { isCancellation, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { describeFailure } from '../src/protocol/failures.ts';
import type { ReplayInput, ReplayProgress } from '../src/protocol/replay-messages.ts';
import type { ReplayReport, StageComparison, StepComparison } from '../src/protocol/replay-report.ts';
import { REPLAY_STAGES, type ReplayStage } from '../src/protocol/stages.ts';
import { CAMPAIGN_ATTRIBUTE, ITERATION_ATTRIBUTE } from '../src/protocol/workflow-ids.ts';
import { admit } from './admission.ts';
import { replayProgressQuery } from './messages.ts';
import { partsFor } from './parts.ts';
import { control, stepRecords } from './policies.ts';

// The replay shares one machine with a campaign: this keeps engine, sandbox and grader busy.
const SHARDS_IN_FLIGHT = 2;

// Bounds the report, which is part of the history.
const STEPS_LISTED = 100;

export async function replay(input: ReplayInput): Promise<ReplayReport> {
  const { campaignId, iteration, from, settings } = input;
  upsertSearchAttributes([
    { key: CAMPAIGN_ATTRIBUTE, value: campaignId },
    { key: ITERATION_ATTRIBUTE, value: iteration },
  ]);
  const run = new ReplayRun();
  const { plan, shards, patienceMs } = await control.openReplay({ campaignId, iteration, settings });
  const { sampling, sandbox, training } = partsFor('evaluations', patienceMs);
  const isReplayed = (stage: ReplayStage): boolean => REPLAY_STAGES.indexOf(stage) >= REPLAY_STAGES.indexOf(from);
  const step = { replay: workflowInfo().firstExecutionRunId, plan };
  const sample = (shard: number) =>
    run.attempt('sample', `shard ${shard}`, () => sampling.replaySampling({ ...step, shard }));
  const execute = (shard: number) =>
    run.attempt('execute', `shard ${shard}`, () => sandbox.replayExecutions({ ...step, shard }));
  const grade = (shard: number) =>
    run.attempt('score', `shard ${shard}`, () => control.replayGrades({ ...step, shard }));

  const byShard = [
    ...(isReplayed('sample') ? [sample] : []),
    ...(isReplayed('execute') ? [execute] : []),
    ...(isReplayed('score') ? [grade] : []),
  ];
  const whole = [
    ...(isReplayed('score') ? [() => run.attempt('score', 'all shards', () => control.replayScore(step))] : []),
    ...(isReplayed('curate') ? [() => run.attempt('curate', '', () => control.replayCuration(step))] : []),
    () => run.attempt('train', '', () => training.replayTraining(step)),
  ];
  run.progress = { done: 0, total: shards * byShard.length + whole.length };
  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  const forShards = (of: readonly number[], work: readonly ((shard: number) => Promise<void>)[]) =>
    admit(
      of,
      SHARDS_IN_FLIGHT,
      () => true,
      async (shard) => {
        await Promise.all(work.map((redo) => redo(shard)));
      },
    );
  if (byShard.length > 0) await forShards(numbers, byShard);
  for (const redo of whole) await redo();
  if (run.compared.some(({ verdict }) => verdict === 'unreadable')) {
    // If a later step can't read its input, the steps that produce those bytes can show the change.
    const damaged = await control.findDamage(step);
    await forShards(
      damaged,
      [sample, execute, grade].filter((redo) => !byShard.includes(redo)),
    );
  }
  const report = summarise(input, run.compared);
  const first = report.steps.find(({ verdict }) => verdict !== 'identical');
  await stepRecords.writeJournal({
    campaignId,
    at: new Date().toISOString(),
    kind: 'replayed',
    details: {
      ...(input.by === undefined ? {} : { by: input.by }),
      iteration,
      from,
      settings,
      verdict: report.verdict,
      ...(first === undefined ? {} : { first }),
    },
  });
  return report;
}

/** A running replay: its progress, the handler of its query, and the compared steps. */
class ReplayRun {
  progress: ReplayProgress = { done: 0, total: 0 };
  readonly compared: StepComparison[] = [];

  constructor() {
    setHandler(replayProgressQuery, () => this.progress);
  }

  /** Repeats a step. A failure is a result of the replay; the other steps continue. */
  async attempt(stage: ReplayStage, name: string, redo: () => Promise<StepComparison[]>): Promise<void> {
    try {
      this.compared.push(...(await redo()));
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { type, message } = describeFailure(error);
      this.compared.push({ stage, step: name, verdict: 'failed', reason: `${type}: ${message}` });
    }
    this.progress = { ...this.progress, done: this.progress.done + 1 };
  }
}

function summarise({ campaignId, iteration, from }: ReplayInput, compared: readonly StepComparison[]): ReplayReport {
  const ordered = [...compared].sort(
    (a, b) => REPLAY_STAGES.indexOf(a.stage) - REPLAY_STAGES.indexOf(b.stage) || byNumbers(a, b),
  );
  const stages = REPLAY_STAGES.flatMap((stage): StageComparison[] => {
    const own = ordered.filter((item) => item.stage === stage);
    const counts: Partial<Record<StepComparison['verdict'], number>> = {};
    for (const { verdict } of own) counts[verdict] = (counts[verdict] ?? 0) + 1;
    return own.length === 0 ? [] : [{ stage, counts }];
  });
  const has = (verdict: StepComparison['verdict']): boolean => ordered.some((item) => item.verdict === verdict);
  return {
    campaignId,
    iteration,
    from,
    verdict:
      has('different') || has('unreadable')
        ? 'different'
        : has('failed')
          ? 'incomplete'
          : has('within-tolerance')
            ? 'within-tolerance'
            : 'identical',
    stages,
    steps: ordered
      .filter(({ verdict, metrics }) => verdict !== 'identical' || metrics !== undefined)
      .slice(0, STEPS_LISTED),
  };
}

/** `shard 2, turn 1` before `shard 10, turn 0`; steps without a shard last. */
function byNumbers(a: StepComparison, b: StepComparison): number {
  const [left, right] = [a, b].map(({ step }) => (step.match(/\d+/g) ?? ['1e9']).map(Number));
  for (let at = 0; at < Math.max(left?.length ?? 0, right?.length ?? 0); at += 1) {
    const difference = (left?.[at] ?? -1) - (right?.[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
