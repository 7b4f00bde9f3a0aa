/** An alarm: a sign that a campaign learns the wrong thing, or from too few rollouts. */
export interface Alarm {
  readonly kind: AlarmKind;
  readonly iteration: number;
  readonly message: string;
  /** What to do about it, as one sentence; `CAMPAIGN` stands for the campaign's id. */
  readonly action: string;
}

export type AlarmKind = keyof typeof SIGNS;

/** `act`: what the campaign learns from here on is worth little. `watch`: it learns, but worse than it could. */
export type AlarmLevel = 'act' | 'watch';

interface Sign {
  readonly level: AlarmLevel;
  /** Alarms of one cause are shown as one: the first of this table. */
  readonly cause:
    | 'collapse'
    | 'measuring'
    | 'forgetting'
    | 'sampler'
    | 'template'
    | 'decision'
    | 'estimates'
    | 'step-size';
  /** What to do, as one sentence; `CAMPAIGN` stands for the campaign's id. */
  readonly action: string;
}

/** The alarms, most important first. */
const SIGNS = {
  collapsed: {
    level: 'act',
    cause: 'collapse',
    action:
      'Unless validation.rollback does it, stop the campaign, and go on from the best iteration N: `whencode campaign fork CAMPAIGN/N --name NEW --set KEY=VALUE`.',
  },
  'capability-lost': {
    level: 'act',
    cause: 'collapse',
    action:
      'Fork from the iteration before the loss with a lower train.optimizer.learningRate or a larger train.klWeight.',
  },
  infrastructure: {
    level: 'act',
    cause: 'measuring',
    action: 'Run `whencode doctor`, which names what is wrong with the sandbox or the grader.',
  },
  undecided: {
    level: 'act',
    cause: 'measuring',
    action:
      'Read some with `whencode rollouts show CAMPAIGN --grade undecided`, and give those golds in a form that is graded.',
  },
  forgetting: {
    level: 'watch',
    cause: 'forgetting',
    action:
      'Raise train.klWeight or train adapters (train.lora); training problems of that kind keep what the model could do.',
  },
  'sampler-mismatch': {
    level: 'act',
    cause: 'sampler',
    action: 'Set train.ratio to `{ mode: decoupled, truncate: 2 }`, which corrects the difference.',
  },
  'arm-violations': {
    level: 'act',
    cause: 'template',
    action: 'Read some with `whencode rollouts show CAMPAIGN --end violation`, and adapt the template to the model.',
  },
  'prefix-mass': {
    level: 'watch',
    cause: 'template',
    action:
      "Give the template prefixes in the model's own words, train it to follow them (section sft), or set sampling.autoSamples.",
  },
  'polarised-prior': {
    level: 'act',
    cause: 'decision',
    action: 'Raise train.decisionWeight, so that the decision moves away from the arm it is stuck at.',
  },
  'one-sided-auto': {
    level: 'watch',
    cause: 'decision',
    action: 'Raise sampling.samplesPerArm, so that more problems get a decision target.',
  },
  'auto-below-oracle': {
    level: 'watch',
    cause: 'decision',
    action: 'Raise problemsPerIteration, so that more decisions are learnt in an iteration.',
  },
  'targets-against-estimate': {
    level: 'watch',
    cause: 'estimates',
    action: 'Raise strategy.alpha, so that the estimates outweigh the prior.',
  },
  'importance-ratio': {
    level: 'watch',
    cause: 'step-size',
    action: 'Lower train.epochs, so that the policy moves less in an iteration.',
  },
  'clip-fraction': { level: 'watch', cause: 'step-size', action: 'Lower train.optimizer.learningRate.' },
  'decision-swamps': {
    level: 'watch',
    cause: 'step-size',
    action: 'Set train.klWeight, which holds the solutions, or train.decisionWeight to `{ share: 0.5, max: 2 }`.',
  },
} as const satisfies Readonly<Record<string, Sign>>;

export const ALARM_KINDS = Object.keys(SIGNS) as readonly AlarmKind[];

export const levelOf = (kind: AlarmKind): AlarmLevel => SIGNS[kind].level;

/**
 * The alarms that a person should read, most important first: those to act on before those to watch, one for each
 * cause. A kind that was raised several times, as for two arms, is one alarm with all its messages.
 */
export function sortAlarms(alarms: readonly Alarm[]): Alarm[] {
  const kinds = ALARM_KINDS.filter((kind) => alarms.some((alarm) => alarm.kind === kind));
  const first = kinds.filter((kind, at) => kinds.findIndex((other) => SIGNS[other].cause === SIGNS[kind].cause) === at);
  const sorted = [...first].sort((a, b) => Number(levelOf(a) === 'watch') - Number(levelOf(b) === 'watch'));
  return sorted.flatMap((kind) => {
    const raised = alarms.filter((alarm) => alarm.kind === kind);
    const iteration = Math.max(...raised.map((alarm) => alarm.iteration));
    const latest = raised.filter((alarm) => alarm.iteration === iteration);
    return alarmOf(kind, iteration, latest.map(({ message }) => message).join('; '));
  });
}

export const alarmOf = (kind: AlarmKind, iteration: number, message: string): Alarm => ({
  kind,
  iteration,
  message,
  action: SIGNS[kind].action,
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
