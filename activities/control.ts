/** The activities of the control queue. Each validates its input, heartbeats and calls its stage. */

import { changeSettings } from '../src/campaigns/change-settings.ts';
import { openCampaign } from '../src/campaigns/open-campaign.ts';
import { type RecordsDeps, recordFacts, writeJournal } from '../src/campaigns/records.ts';
import { isDue } from '../src/config/evaluation-schedule.ts';
import {
  type CollectCheckpointsInput,
  type ControlActivities,
  controlContract,
  type EvaluationDone,
  type FindRollbackInput,
  type Rollback,
} from '../src/protocol/activities.ts';
import { replayCuration, replayGrades, replayScore } from '../src/replay/redo-scores.ts';
import { findDamage, openReplay } from '../src/replay/replay-step.ts';
import type { Grading } from '../src/scoring/rules-scorer.ts';
import { curateIteration } from '../src/steps/curate.ts';
import { describeEvaluation, describeValidation, type ResolveProblems } from '../src/steps/describe-evaluation.ts';
import { summariseEvaluation } from '../src/steps/evaluate.ts';
import { gradeShard } from '../src/steps/grade.ts';
import { planIteration } from '../src/steps/plan.ts';
import { planEvaluation } from '../src/steps/plan-evaluation.ts';
import { readConfig } from '../src/steps/read-config.ts';
import { scoreRollouts } from '../src/steps/score.ts';
import { postWebhook } from '../src/tracking/webhook.ts';
import { implementActivities } from './run-activity.ts';

export interface ControlDeps extends RecordsDeps {
  readonly resolveProblems: ResolveProblems;
  readonly grading: Grading;
  readonly findRollback: (input: FindRollbackInput) => Promise<Rollback | null>;
  /** Deletes the campaign's own checkpoints that nothing needs any more. */
  readonly collectCheckpoints: (input: CollectCheckpointsInput) => Promise<void>;
  /** Resolves with the evaluation's result and survives an unreachable server. Rejects when the evaluation failed. */
  readonly waitForEvaluation: (workflowId: string, signal: AbortSignal) => Promise<EvaluationDone>;
}

/**
 * The caller's retry policy bounds how long a record is tried: a campaign's status waits for the store, a step's record
 * does not.
 */
const BY_POLICY = { failuresAllowed: Number.POSITIVE_INFINITY };

export function createControlActivities(deps: ControlDeps): ControlActivities {
  const { store } = deps;
  return implementActivities(
    controlContract,
    {
      openCampaign: (input) => openCampaign(deps, input),
      changeSettings: (input) => changeSettings(store, input),
      planIteration: (input) => planIteration(store, input),
      planEvaluation: ({ spec }) => planEvaluation(store, spec),
      async describeEvaluations({ config: digest, checkpoint, validation, after }) {
        const config = await readConfig(store, digest);
        const suites = config.evaluations.filter((suite) => isDue(suite, after));
        return Promise.all([
          ...suites.map((suite) => describeEvaluation(deps, config, checkpoint, suite)),
          ...(validation === undefined ? [] : [describeValidation(store, config, checkpoint, validation)]),
        ]);
      },
      awaitEvaluation: ({ workflowId }, { signal }) => deps.waitForEvaluation(workflowId, signal),
      gradeShard: (input, context) => gradeShard(store, deps.grading, input, context),
      scoreRollouts: (input) => scoreRollouts(store, input),
      curateIteration: (input) => curateIteration(store, input),
      summariseEvaluation: ({ score }) => summariseEvaluation(store, score),
      recordFacts: ({ facts }) => recordFacts(deps, facts),
      writeJournal: (note) => writeJournal(deps, note),
      findRollback: (input) => deps.findRollback(input),
      collectCheckpoints: (input) => deps.collectCheckpoints(input),
      postWebhook: (input, { signal }) => postWebhook(input, signal),
      openReplay: (input) => openReplay(store, input),
      replayGrades: (input, context) => replayGrades(store, deps.grading, input, context),
      replayScore: (input) => replayScore(store, input),
      replayCuration: (input) => replayCuration(store, input),
      findDamage: (input) => findDamage(store, input),
    },
    { recordFacts: BY_POLICY, writeJournal: BY_POLICY, postWebhook: BY_POLICY },
  );
}
