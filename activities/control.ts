/** The control queue's activities: each parses, heartbeats, calls its stage. */

import { readJson } from '../src/artifacts/codecs.ts';
import { changeSettings } from '../src/campaigns/change-settings.ts';
import { openCampaign } from '../src/campaigns/open-campaign.ts';
import { type RecordsDeps, recordFacts, writeJournal } from '../src/campaigns/records.ts';
import type { CampaignConfig } from '../src/config/campaign.ts';
import type { CollectCheckpointsInput, ControlActivities, EvaluationDone } from '../src/protocol/activities.ts';
import * as inputs from '../src/protocol/activity-inputs.ts';
import { journalNoteSchema } from '../src/protocol/journal.ts';
import { replayCuration, replayGrades, replayScore } from '../src/replay/redo-scores.ts';
import { findDamage, openReplay } from '../src/replay/replay-step.ts';
import type { Grading } from '../src/scoring/rules-scorer.ts';
import { curateIteration } from '../src/steps/curate.ts';
import { describeEvaluation, type ResolveProblems } from '../src/steps/describe-evaluation.ts';
import { summariseEvaluation } from '../src/steps/evaluate.ts';
import { gradeShard } from '../src/steps/grade.ts';
import { planIteration } from '../src/steps/plan.ts';
import { planEvaluation } from '../src/steps/plan-evaluation.ts';
import { scoreRollouts } from '../src/steps/score.ts';
import { postWebhook } from '../src/tracking/webhook.ts';
import { runActivity } from './run-activity.ts';

export interface ControlDeps extends RecordsDeps {
  readonly resolveProblems: ResolveProblems;
  readonly grading: Grading;
  /** Of the campaign's own checkpoints: what nothing needs any more. */
  readonly collectCheckpoints: (input: CollectCheckpointsInput) => Promise<void>;
  /** Resolves with the evaluation's result, also after the server was away; rejects when the evaluation failed. */
  readonly waitForEvaluation: (workflowId: string, signal: AbortSignal) => Promise<EvaluationDone>;
}

/** How long records are tried is the caller's to say: a campaign's status waits for the store, a step's does not. */
const BY_POLICY = { failuresAllowed: Number.POSITIVE_INFINITY };

export function createControlActivities(deps: ControlDeps): ControlActivities {
  const { store } = deps;
  return {
    openCampaign: runActivity(inputs.openCampaignInput, (input) => openCampaign(deps, input)),
    changeSettings: runActivity(inputs.changeSettingsInput, (input) => changeSettings(store, input)),
    planIteration: runActivity(inputs.planIterationInput, (input) => planIteration(store, input)),
    planEvaluation: runActivity(inputs.planEvaluationInput, ({ spec }) => planEvaluation(store, spec)),
    describeEvaluations: runActivity(inputs.describeEvaluationsInput, async ({ config: digest, checkpoint }) => {
      const config = await readJson<CampaignConfig>(store, digest);
      return Promise.all(config.evaluations.map((suite) => describeEvaluation(deps, config, checkpoint, suite)));
    }),
    awaitEvaluation: runActivity(inputs.awaitEvaluationInput, ({ workflowId }, { signal }) =>
      deps.waitForEvaluation(workflowId, signal),
    ),
    gradeShard: runActivity(inputs.gradeShardInput, (input, context) =>
      gradeShard(store, deps.grading, input, context),
    ),
    scoreRollouts: runActivity(inputs.scoreInput, (input) => scoreRollouts(store, input)),
    curateIteration: runActivity(inputs.curateInput, (input) => curateIteration(store, input)),
    openReplay: runActivity(inputs.openReplayInput, (input) => openReplay(store, input)),
    replayGrades: runActivity(inputs.replayShardInput, (input, context) =>
      replayGrades(store, deps.grading, input, context),
    ),
    replayScore: runActivity(inputs.replayStepInput, (input) => replayScore(store, input)),
    replayCuration: runActivity(inputs.replayStepInput, (input) => replayCuration(store, input)),
    findDamage: runActivity(inputs.replayStepInput, (input) => findDamage(store, input)),
    summariseEvaluation: runActivity(inputs.summariseEvaluationInput, ({ score }) => summariseEvaluation(store, score)),
    recordFacts: runActivity(inputs.recordFactsInput, ({ facts }) => recordFacts(deps, facts), BY_POLICY),
    writeJournal: runActivity(journalNoteSchema, (note) => writeJournal(deps, note), BY_POLICY),
    collectCheckpoints: runActivity(inputs.collectCheckpointsInput, (input) => deps.collectCheckpoints(input)),
    postWebhook: runActivity(inputs.webhookInput, (input, { signal }) => postWebhook(input, signal), BY_POLICY),
  };
}
