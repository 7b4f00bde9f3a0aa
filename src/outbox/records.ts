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

interface Section {
  readonly position: Position;
  readonly records: readonly ReportRecord[];
}

export interface StoredFigures {
  readonly campaign: Pick<CampaignDetail, 'iterations' | 'evaluations'>;
  readonly updates: readonly IterationUpdates[];
  readonly accuracy: readonly TrainingAccuracy[];
}

/**
 * The sections from the start up to the first that may still change. A later call gives the same ones and those that
 * were added, so a position says what a tracker has.
 */
export function sectionsOf({ campaign, updates, accuracy }: StoredFigures): Section[] {
  const sections: Section[] = [];
  const last = campaign.iterations.at(-1)?.iteration ?? 0;
  let step = 0;
  for (const { iteration, stages, from } of campaign.iterations) {
    // What failed or was stopped may run again under its number, until the next iteration begins.
    const isPast = iteration < last;
    const endOf = (part: Position['part']): number | undefined => {
      const stage = stages.find((item) => item.stage === part && item.status === 'completed');
      return stage?.endedAt === undefined ? undefined : Date.parse(stage.endedAt) / 1000;
    };
    for (const part of PARTS) {
      const time = endOf(part);
      // The start, which alone begins from no checkpoint, has evaluations and no training.
      const isDone = time !== undefined || isPast || (from === undefined && part === 'train');
      if (!isDone) return sections;
      const records: ReportRecord[] = [];
      if (time !== undefined && part === 'train') {
        const own = updates.find((item) => item.iteration === iteration)?.updates ?? [];
        for (const update of own) {
          const { epoch, tokens, metrics } = update;
          const values = { iteration, 'train/epoch': epoch, 'train/tokens': tokens, ...withPrefix('train', metrics) };
          records.push({ step: step + update.update, time, metrics: values });
        }
        step += own.length;
        records.push({ step, time, metrics: { iteration, ...accuracyOf(accuracy, iteration) } });
      }
      if (time !== undefined && part === 'evaluate')
        records.push({ step, time, metrics: { iteration, ...evaluationsOf(campaign, iteration) } });
      sections.push({ position: { iteration, part }, records: records.filter(hasFigures) });
    }
  }
  return sections;
}

/** The sections behind a position; all of them without one. */
export const sectionsAfter = (sections: readonly Section[], position: Position | undefined): Section[] =>
  position === undefined ? [...sections] : sections.filter((section) => orderOf(section.position) > orderOf(position));

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
