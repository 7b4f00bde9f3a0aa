/** The figures of a campaign in the order in which trackers get them. */
import type { IterationUpdates, TrainingAccuracy } from '../campaigns/training-curves.ts';
import type { CampaignDetail } from '../db/views.ts';
import { ARMS } from '../rollout/types.ts';
import { METRICS } from '../scoring/metrics.ts';

export interface ReportRecord {
  /** Number of the campaign's updates so far. */
  readonly step: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** A part of an iteration that is known as a whole: its training with the rollouts, or its evaluations. */
const PARTS = ['train', 'evaluate'] as const;

/** Position in the sequence of parts. */
interface Position {
  readonly iteration: number;
  readonly part: (typeof PARTS)[number];
}

/** A part that does not change any more. */
interface DonePart {
  readonly position: Position;
  /** When it was completed, in seconds since 1970; absent where it never ran, so that it has no figures. */
  readonly time?: number;
}

export interface StoredFigures {
  readonly campaign: Pick<CampaignDetail, 'evaluations'>;
  readonly updates: readonly IterationUpdates[];
  readonly accuracy: readonly TrainingAccuracy[];
}

/**
 * The parts behind a position, up to the first that may still change; from the start without one. A later call gives the
 * same ones and those that were added, so a position says what a tracker has.
 */
export function partsAfter(
  { iterations }: Pick<CampaignDetail, 'iterations'>,
  position: Position | undefined,
): DonePart[] {
  const parts: DonePart[] = [];
  const last = iterations.at(-1)?.iteration ?? 0;
  for (const { iteration, stages, from } of iterations) {
    // What failed or was stopped may run again under its number, until the next iteration begins.
    const isPast = iteration < last;
    for (const part of PARTS) {
      const stage = stages.find((item) => item.stage === part && item.status === 'completed');
      const time = stage?.endedAt === undefined ? undefined : Date.parse(stage.endedAt) / 1000;
      // The start, which alone begins from no checkpoint, has evaluations and no training.
      const isDone = time !== undefined || isPast || (from === undefined && part === 'train');
      if (!isDone) return parts;
      if (position !== undefined && orderOf({ iteration, part }) <= orderOf(position)) continue;
      parts.push({ position: { iteration, part }, ...(time === undefined ? {} : { time }) });
    }
  }
  return parts;
}

/** The records of parts that follow one another, and the number of the campaign's updates after them. */
export function recordsOf(
  { campaign, updates, accuracy }: StoredFigures,
  parts: readonly DonePart[],
  stepBefore: number,
): { readonly records: ReportRecord[]; readonly step: number } {
  const records: ReportRecord[] = [];
  let step = stepBefore;
  for (const { position, time } of parts) {
    if (time === undefined) continue;
    const { iteration, part } = position;
    if (part === 'train') {
      const own = updates.find((item) => item.iteration === iteration)?.updates ?? [];
      for (const update of own) {
        const { epoch, tokens, metrics } = update;
        const values = { iteration, 'train/epoch': epoch, 'train/tokens': tokens, ...withPrefix('train', metrics) };
        records.push({ step: step + update.update, time, metrics: values });
      }
      step += own.length;
      records.push({ step, time, metrics: { iteration, ...accuracyOf(accuracy, iteration) } });
    } else records.push({ step, time, metrics: { iteration, ...evaluationsOf(campaign, iteration) } });
  }
  return { records: records.filter(hasFigures), step };
}

const orderOf = ({ iteration, part }: Position): number => iteration * PARTS.length + PARTS.indexOf(part);

const withPrefix = (prefix: string, metrics: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${prefix}/${name}`, value]));

function accuracyOf(accuracy: readonly TrainingAccuracy[], iteration: number): Record<string, number> {
  const arms = accuracy.find((item) => item.iteration === iteration)?.arms ?? {};
  return Object.fromEntries(
    ARMS.flatMap((arm) => {
      const measure = arms[arm];
      return measure === undefined ? [] : [[`rollouts/accuracy/${arm}`, measure.value]];
    }),
  );
}

/** `eval/held-out/accuracy/auto` and so on. */
function evaluationsOf(
  { evaluations }: Pick<CampaignDetail, 'evaluations'>,
  iteration: number,
): Record<string, number> {
  return Object.fromEntries(
    evaluations
      .filter((item) => item.iteration === iteration)
      .flatMap(({ suite, metrics }) =>
        METRICS.flatMap(({ key, pick }) => {
          const measure = metrics === undefined ? undefined : pick(metrics);
          return measure === undefined ? [] : [[`eval/${suite}/${key}`, measure.value] as const];
        }),
      ),
  );
}

/** Trackers refuse what is no number. */
const hasFigures = ({ metrics }: ReportRecord): boolean =>
  Object.keys(metrics).length > 1 && Object.values(metrics).every(Number.isFinite);
