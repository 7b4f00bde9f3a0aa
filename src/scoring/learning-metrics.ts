/** Metrics of curation and training, with the properties that pages, databases and alarms need. */
import type { Counts } from '../protocol/counts.ts';
import type { TrainingUpdate } from '../trainer/types.ts';
import { type AlarmKind, isSurelyAboveLimit, percent } from './alarm.ts';
import { measureShare } from './measure.ts';

export interface LearningMetric {
  /** Key in the counts of the stage; metrics of the training have their usual names, e.g. `grad_norm`. */
  readonly key: string;
  /** The key in manifests and databases of earlier versions. */
  readonly formerKey?: string;
  readonly stage: 'sample' | 'curate' | 'train';
  /** Head of a column. */
  readonly label: string;
  /** Explanation, with the unit. */
  readonly note: string;
  /** For a metric of the training: the items that an update's value is a mean over: `learnt` are tokens with an advantage. Default: tokens. */
  readonly meanOver?: 'decisions' | 'learnt' | 'updates';
  /** For a metric of the training: the updates that the value of an iteration is a mean of. Default: the last epoch. */
  readonly span?: 'all-epochs';
  /** The message if the value raises an alarm; `counts` are those of the same stage. */
  readonly alarm?: {
    readonly kind: AlarmKind;
    readonly raise: (value: number, counts: Counts) => string | undefined;
  };
}

/** Thresholds of alarms: shares, and the least weight of an anchor that holds. */
const LIMITS = { targetsAgainst: 0.05, withoutMass: 0.5, ratio: 0.2, clipped: 0.3, balance: 0.9, anchor: 1 } as const;

const PROBE = {
  note: "mean |ρ − 1| between the trainer's and the sampler's log-probs",
  alarm: {
    kind: 'sampler-mismatch',
    raise: (deviation, { probe_tolerance: tolerance = Number.POSITIVE_INFINITY, probe_corrected: isCorrected = 0 }) =>
      isCorrected === 0 && deviation > tolerance
        ? `mean |ρ − 1| between sampler and trainer is ${deviation.toPrecision(2)}, beyond train.ratioTolerance (${tolerance})`
        : undefined,
  },
} as const satisfies Partial<LearningMetric>;

/** In display order. */
export const LEARNING_METRICS: readonly LearningMetric[] = [
  {
    ...PROBE,
    key: 'shard_deviation',
    stage: 'sample',
    label: 'first shard |ρ − 1|',
    note: `${PROBE.note} of the first shard's tokens`,
  },
  { key: 'problems', stage: 'curate', label: 'problems', note: 'problems sampled' },
  { key: 'targets', stage: 'curate', label: 'targets', note: 'problems with a decision target' },
  {
    key: 'targetsAgainstEstimate',
    stage: 'curate',
    label: 'against Q̂',
    note: 'targets that point away from the arm that did better',
    alarm: {
      kind: 'targets-against-estimate',
      raise: (against, { targets = 0 }) =>
        targets > 0 && isSurelyAboveLimit(measureShare(against / targets, targets), LIMITS.targetsAgainst)
          ? `${against} of ${targets} decision targets point away from the arm that did better: the prior outweighs α`
          : undefined,
    },
  },
  { key: 'ties', stage: 'curate', label: 'ties', note: 'the rollouts do not show which arm is better: no target' },
  { key: 'noSignal', stage: 'curate', label: 'no signal', note: 'problems that teach nothing' },
  { key: 'withheld', stage: 'curate', label: 'withheld', note: 'too few valid rollouts in an arm' },
  { key: 'keptRollouts', stage: 'curate', label: 'kept rollouts', note: 'rollouts that are trained on' },
  { key: 'pairs', stage: 'curate', label: 'pairs', note: 'pairs of a right and a wrong rollout of a problem' },
  { key: 'pairsAcrossArms', stage: 'curate', label: 'across arms', note: 'pairs of rollouts of two arms' },
  {
    ...PROBE,
    key: 'probe_deviation',
    stage: 'train',
    label: 'probe |ρ − 1|',
    note: `${PROBE.note} of the training set's tokens`,
  },
  {
    key: 'anchorRollouts',
    stage: 'curate',
    label: 'anchor rollouts',
    note: 'further rollouts, without an advantage, that the KL anchor reads',
  },
  {
    key: 'prefixMass',
    stage: 'curate',
    label: 'prefix mass',
    note: 'mean probability that a solution begins with one of the two prefixes',
  },
  {
    key: 'priorsWithoutMass',
    stage: 'curate',
    label: 'no prior',
    note: 'problems whose prefixes have less than 1 %: their prior is the code rate of auto rollouts, or flat',
    alarm: {
      kind: 'prefix-mass',
      raise: (without, { problems = 0, targets = 0, ties = 0, unsolved = 0 }) =>
        // Of methods that decide by the prior.
        targets + ties + unsolved > 0 &&
        isSurelyAboveLimit(measureShare(without / problems, problems), LIMITS.withoutMass)
          ? `on ${without} of ${problems} problems the model begins with neither prefix`
          : undefined,
    },
  },
  {
    key: 'code_prob',
    formerKey: 'probabilityCode',
    meanOver: 'decisions',
    stage: 'train',
    label: 'p(code)',
    note: 'mean probability of the code decision',
  },
  {
    key: 'decision_entropy',
    formerKey: 'decisionEntropy',
    meanOver: 'decisions',
    stage: 'train',
    label: 'decision entropy',
    note: 'mean entropy of the code decision, nats',
  },
  {
    key: 'decision_loss',
    formerKey: 'decisionLoss',
    meanOver: 'decisions',
    stage: 'train',
    label: 'decision loss',
    note: 'cross-entropy of the code decision, nats',
  },
  {
    key: 'policy_loss',
    formerKey: 'policyLoss',
    meanOver: 'learnt',
    stage: 'train',
    label: 'policy loss',
    note: 'negative clipped objective, mean over tokens with an advantage',
  },
  {
    key: 'preference_loss',
    meanOver: 'updates',
    stage: 'train',
    label: 'preference loss',
    note: '−log σ(β · (r right − r wrong)), mean over pairs; r is log π − log π at the start, nats a rollout',
  },
  {
    key: 'preference_accuracy',
    meanOver: 'updates',
    stage: 'train',
    label: 'preferred',
    note: 'share of pairs whose right rollout gained more than the wrong one',
  },
  {
    key: 'reward_margin',
    meanOver: 'updates',
    stage: 'train',
    label: 'margin',
    note: 'β · (r right − r wrong), mean over pairs',
  },
  {
    key: 'reward_right',
    meanOver: 'updates',
    stage: 'train',
    label: 'β·r right',
    note: 'β · r of right rollouts, mean over pairs; below 0 they became less likely',
  },
  {
    key: 'reward_wrong',
    meanOver: 'updates',
    stage: 'train',
    label: 'β·r wrong',
    note: 'β · r of wrong rollouts, mean over pairs',
  },
  { key: 'nll', stage: 'train', label: 'NLL', note: 'negative log-likelihood, nats a token' },
  {
    key: 'ratio_mean',
    formerKey: 'meanRatio',
    stage: 'train',
    label: 'mean ρ',
    note: 'mean importance ratio',
    alarm: {
      kind: 'importance-ratio',
      raise: (ratio) =>
        Math.abs(ratio - 1) > LIMITS.ratio
          ? `the mean importance ratio of the last epoch is ${ratio.toFixed(2)}: the policy moves too far in one iteration`
          : undefined,
    },
  },
  {
    key: 'clip_frac',
    formerKey: 'clipFraction',
    meanOver: 'learnt',
    stage: 'train',
    label: 'clip frac',
    note: 'share of tokens whose importance ratio was clipped',
    alarm: {
      kind: 'clip-fraction',
      raise: (share) =>
        share > LIMITS.clipped
          ? `${percent(share)} of the tokens were clipped: the learning rate is high, or the epochs many`
          : undefined,
    },
  },
  {
    key: 'approx_kl',
    formerKey: 'approximateKl',
    stage: 'train',
    label: 'approx KL',
    note: 'approximate divergence from the sampling policy, nats',
  },
  {
    key: 'ess',
    stage: 'train',
    label: 'ESS',
    note: 'effective sample size of the importance weights, as a share of the tokens',
  },
  {
    key: 'mismatch_kl',
    stage: 'train',
    label: 'mismatch KL',
    note: 'approximate divergence of the start policy from the sampling policy (K3), nats',
  },
  {
    key: 'masked_frac',
    stage: 'train',
    label: 'masked',
    note: 'share of tokens in rejected sequences',
  },
  {
    key: 'grad_norm',
    formerKey: 'gradientNorm',
    meanOver: 'updates',
    stage: 'train',
    label: 'grad norm',
    note: 'global gradient norm before clipping',
  },
  {
    key: 'grad_norm_solution',
    meanOver: 'updates',
    stage: 'train',
    label: 'grad norm, solution',
    note: 'gradient norm of the policy loss with its KL anchor, or of the NLL',
  },
  {
    key: 'grad_norm_decision',
    meanOver: 'updates',
    stage: 'train',
    label: 'grad norm, decision',
    note: 'gradient norm of the decision loss, before its weight λ',
  },
  {
    key: 'grad_cosine',
    meanOver: 'updates',
    stage: 'train',
    label: 'cosine',
    note: 'cosine between the gradients of solution and decision',
  },
  { key: 'kl_weight', meanOver: 'updates', stage: 'train', label: 'β', note: 'weight of the KL anchor' },
  { key: 'decision_weight', meanOver: 'updates', stage: 'train', label: 'λ', note: 'weight of the decision loss' },
  {
    key: 'balance',
    meanOver: 'updates',
    span: 'all-epochs',
    stage: 'train',
    label: 'balance',
    note: "share of the decision in the sum of both gradient norms, mean over the iteration's updates",
    alarm: {
      kind: 'decision-swamps',
      // With an anchor the decision may move fast: its gradient grows with what the solutions lose. Weights below 1 were not measured.
      raise: (balance, { kl_weight: anchor = 0 }) =>
        anchor < LIMITS.anchor && balance > LIMITS.balance
          ? `${percent(balance)} of the gradient is the decision's: the solutions are hardly learnt, and may be unlearnt`
          : undefined,
    },
  },
];

/** The weight of an update's value in a mean over updates. The loss mixes tokens and decisions, so all updates weigh the same. */
export function weightOf(key: string, update: Pick<TrainingUpdate, 'tokens' | 'learnt' | 'decisions'>): number {
  const metric = LEARNING_METRICS.find((item) => item.key === key);
  if (metric === undefined || metric.meanOver === 'updates') return 1;
  if (metric.meanOver === 'decisions') return update.decisions;
  // Updates of earlier versions have no anchors: all their tokens are learnt.
  return metric.meanOver === 'learnt' ? (update.learnt ?? update.tokens) : update.tokens;
}

/** Whether the value of an iteration is a mean over all of its updates, not over the last epoch. */
export const spansAllEpochs = (key: string): boolean =>
  LEARNING_METRICS.some((metric) => metric.key === key && metric.span === 'all-epochs');

const CURRENT_KEYS: ReadonlyMap<string, string> = new Map(
  LEARNING_METRICS.flatMap(({ key, formerKey }) => (formerKey === undefined ? [] : [[formerKey, key]])),
);

/** Renames the metrics of earlier versions to their current keys. */
export const withCurrentKeys = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).map(([key, value]) => [CURRENT_KEYS.get(key) ?? key, value]));
