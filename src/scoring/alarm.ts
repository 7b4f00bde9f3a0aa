/** An alarm: a sign that a campaign learns the wrong thing, or from too few rollouts. */
export interface Alarm {
  readonly kind: AlarmKind;
  readonly iteration: number;
  readonly message: string;
  /** What to do about it, as one sentence. */
  readonly action: string;
}

export type AlarmKind = keyof typeof ACTIONS;

const ACTIONS = {
  'polarised-prior': 'Raise train.decisionWeight, so that the decision moves away from the arm it is stuck at.',
  'one-sided-auto': 'Raise sampling.samplesPerArm, so that more problems get a decision target.',
  'arm-violations':
    'Read some with `whencode rollouts show CAMPAIGN --end violation`, and adapt the template to the model.',
  infrastructure: 'Run `whencode doctor`, which names what is wrong with the sandbox or the grader.',
  undecided:
    'Read some with `whencode rollouts show CAMPAIGN --grade undecided`, and give those golds in a form that is graded.',
  'targets-against-estimate': 'Raise strategy.alpha, so that the estimates outweigh the prior.',
  'prefix-mass':
    "Give the template prefixes in the model's own words, train it to follow them (section sft), or set sampling.autoSamples.",
  'importance-ratio': 'Lower train.epochs, so that the policy moves less in an iteration.',
  'clip-fraction': 'Lower train.optimizer.learningRate.',
  'decision-swamps':
    'Set train.klWeight, which holds the solutions, or train.decisionWeight to `{ share: 0.5, max: 2 }`.',
  'capability-lost':
    'Fork from the iteration before the loss with a lower train.optimizer.learningRate or a larger train.klWeight.',
  collapsed:
    'Unless validation.rollback does it, stop the campaign, and go on from the best iteration N: `whencode campaign fork CAMPAIGN/N --name NEW --set KEY=VALUE`.',
  'sampler-mismatch': 'Set train.ratio to `{ mode: decoupled, truncate: 2 }`, which corrects the difference.',
  'auto-below-oracle': 'Raise problemsPerIteration, so that more decisions are learnt in an iteration.',
} as const;

export const alarmOf = (kind: AlarmKind, iteration: number, message: string): Alarm => ({
  kind,
  iteration,
  message,
  action: ACTIONS[kind],
});

/**
 * How many half widths of its 95 % interval a value must be from its limit. A campaign is looked at after every
 * iteration, for several metrics, and rollouts of a problem fail together: at 1, one healthy campaign in some ten raises
 * an alarm.
 */
const SURE = 1.8;

/** Whether the value is above the limit with its whole interval, widened by `SURE`. */
export const isSurelyAboveLimit = ({ value, low }: { readonly value: number; readonly low: number }, limit: number) =>
  value - SURE * (value - low) > limit;

/** `5.2 %`, `36 %` */
export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
