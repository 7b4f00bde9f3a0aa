/**
 * Settings and a method that have the field's term as their name since version 0.2. The old name works for one version: files
 * are read through `renameSettings`, stored configurations through `readStoredSettings`, also by workflows that an older version began.
 */

/** Old path → new path, in an order in which a section is renamed before its fields. */
const RENAMED: readonly (readonly [old: string, now: string])[] = [
  ['warmUp', 'sft'],
  ['sft.tokensPerUpdate', 'sft.batchTokens'],
  ['sft.optimizer.warmUpSteps', 'sft.optimizer.warmupSteps'],
  ['sft.optimizer.gradientClip', 'sft.optimizer.maxGradNorm'],
  ['train.queriesPerUpdate', 'train.batchSize'],
  ['train.tokensPerPass', 'train.microBatchTokens'],
  ['train.probeTolerance', 'train.ratioTolerance'],
  ['train.optimizer.warmUpSteps', 'train.optimizer.warmupSteps'],
  ['train.optimizer.gradientClip', 'train.optimizer.maxGradNorm'],
  // Of a what-if.
  ['filter.truncated', 'strategy.truncated'],
];

/** The fields of `strategy` that every stored configuration of version 0.1 has. */
const OLD_STRATEGY = ['name', 'alpha', 'priorFloor', 'rollouts', 'pooledAdvantages'] as const;

type Section = Readonly<Record<string, unknown>>;

const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface RenamedSettings<T> {
  readonly settings: T;
  /** For people, one line for every old name that was used. */
  readonly notes: readonly string[];
}

/**
 * The same settings under today's names. A setting that is given under both names keeps both, and the schema refuses the
 * old one.
 *
 * @example renameSettings({ train: { queriesPerUpdate: 8 } }).settings // { train: { batchSize: 8 } }
 */
export function renameSettings<T>(settings: T): RenamedSettings<T> {
  let renamed: unknown = settings;
  const notes: string[] = [];
  for (const [old, now] of RENAMED) {
    const next = renameOne(renamed, old.split('.'), now.slice(now.lastIndexOf('.') + 1));
    if (next === undefined) continue;
    renamed = next;
    notes.push(`${old} is called ${now} since version 0.2; the old name works until the next version`);
  }
  if (isRejectionFineTuning(renamed, notes)) {
    renamed = { ...renamed, method: 'rft' };
    notes.push(
      'the method sft is called rft (rejection fine-tuning) since version 0.2; the old name works until the next ' +
        'version. A campaign of the method sft of today, one training on demonstrations, has "iterations: 1" and a section sft',
    );
  }
  return { settings: renamed as T, notes };
}

/**
 * Stored settings under today's names. Settings with a default that changed what is computed keep what was in force when
 * they were stored.
 */
export function readStoredSettings<T>(stored: T): T {
  const { settings } = renameSettings(stored);
  if (!isSection(settings)) return settings;
  const kept = FORMER_DEFAULTS.flatMap(([section, name, value]): [string, Section][] => {
    const given = settings[section];
    return isSection(given) && !Object.hasOwn(given, name) ? [[section, { ...given, [name]: value }]] : [];
  });
  return kept.length === 0 ? settings : ({ ...settings, ...Object.fromEntries(kept) } as T);
}

/** What was in force before the setting existed. */
const FORMER_DEFAULTS = [
  ['train', 'klWeight', 0],
  ['strategy', 'violations', 'left-out'],
] as const;

/**
 * Whether `method: sft` means rejection fine-tuning, as in version 0.1. Stored settings of today always have
 * `strategy.distinct`, and those of version 0.1 all other defaults of that section. A file has the method of today if it
 * can be a campaign of it.
 */
function isRejectionFineTuning(settings: unknown, notes: readonly string[]): settings is Section {
  if (!isSection(settings) || settings.method !== 'sft') return false;
  const strategy = isSection(settings.strategy) ? settings.strategy : {};
  if (Object.hasOwn(strategy, 'distinct')) return false;
  const isStored = OLD_STRATEGY.every((name) => Object.hasOwn(strategy, name));
  return isStored || settings.iterations !== 1 || !isSection(settings.sft) || notes.length > 0;
}

/** Today's name of a setting, for names that people type: `train.queriesPerUpdate` or `queriesPerUpdate`. */
export function currentName(name: string): string {
  const found = RENAMED.find(([old]) => old === name || old.slice(old.lastIndexOf('.') + 1) === name);
  if (found === undefined) return name;
  const [old, now] = found;
  return old === name ? now : now.slice(now.lastIndexOf('.') + 1);
}

/** Undefined where the path is not there, or the new name is there already. Keys keep their order. */
function renameOne(value: unknown, [head = '', ...rest]: readonly string[], name: string): Section | undefined {
  if (!isSection(value) || !Object.hasOwn(value, head)) return undefined;
  if (rest.length > 0) {
    const inner = renameOne(value[head], rest, name);
    return inner === undefined ? undefined : { ...value, [head]: inner };
  }
  if (Object.hasOwn(value, name)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key === head ? name : key, field]));
}
