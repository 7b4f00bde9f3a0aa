/** How a model uses code in its rollouts: figures of behaviour, which say nothing about what is right. */
import type { RolloutSummary, RolloutTexts } from '../rollout/file.ts';

/** Counts and sums over rollouts; they add up over shards. */
export interface BehaviourSums {
  readonly rollouts: number;
  /** Rollouts that ran code. */
  readonly withCode: number;
  readonly blocks: number;
  readonly lines: number;
  /** Sum over rollouts with code: the share of what the model wrote that stands before the first output. */
  readonly firstBlockAt: number;
  readonly failedBlocks: number;
  /** Failed blocks behind which a later block of the rollout ran without an error. */
  readonly corrected: number;
  readonly modelTokens: number;
  readonly toolTokens: number;
}

export interface Behaviour {
  readonly rollouts: number;
  /** Share of rollouts that ran code. */
  readonly codeShare: number;
  /** Of rollouts with code, means: */
  readonly blocks?: number;
  /** Lines of code in a block that are not empty. */
  readonly linesPerBlock?: number;
  /** Share of what the model wrote that stands before its first output. */
  readonly firstBlockAt?: number;
  /** Share of blocks that ended with an error, a time-out or no memory. */
  readonly failedBlocks?: number;
  /** Share of failed blocks behind which the rollout ran one without an error; absent where none failed. */
  readonly selfCorrection?: number;
  /** Means over all rollouts. */
  readonly modelTokens: number;
  readonly toolTokens: number;
}

/** Rollouts that infrastructure lost are left out. @param texts - One for each summary, in any order */
export function sumBehaviour(summaries: readonly RolloutSummary[], texts: readonly RolloutTexts[]): BehaviourSums {
  const textsOf = new Map(texts.map((item) => [item.id, item]));
  const valid = summaries.filter(({ state }) => state !== 'infrastructure');
  const coded = valid.flatMap(({ id }) => {
    const found = textsOf.get(id);
    const run = found?.blocks.filter(({ result }) => result !== undefined) ?? [];
    return found === undefined || run.length === 0 ? [] : [{ segments: found.segments, run }];
  });
  const ends = coded.map(({ run }) => run.map(({ result }) => result?.end === 'ok'));
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  return {
    rollouts: valid.length,
    withCode: coded.length,
    blocks: total(coded.map(({ run }) => run.length)),
    lines: total(
      coded.flatMap(({ run }) => run.map(({ code }) => code.split('\n').filter((line) => line.trim()).length)),
    ),
    firstBlockAt: total(coded.map(({ segments }) => shareBeforeTool(segments))),
    failedBlocks: total(ends.map((oks) => oks.filter((ok) => !ok).length)),
    corrected: total(ends.map((oks) => oks.filter((ok, at) => !ok && oks.slice(at + 1).includes(true)).length)),
    modelTokens: total(valid.map(({ modelTokens }) => modelTokens)),
    toolTokens: total(valid.map(({ toolTokens }) => toolTokens)),
  };
}

/** By characters; 1 where no output follows. */
function shareBeforeTool(segments: RolloutTexts['segments']): number {
  const firstTool = segments.findIndex(({ by }) => by === 'tool');
  const written = (part: RolloutTexts['segments']): number =>
    part.reduce((sum, { by, text }) => sum + (by === 'model' ? text.length : 0), 0);
  const all = written(segments);
  return firstTool === -1 || all === 0 ? 1 : written(segments.slice(0, firstTool)) / all;
}

/** @returns undefined where there are no rollouts */
export function behaviourOf(parts: readonly BehaviourSums[]): Behaviour | undefined {
  const sum = (key: keyof BehaviourSums): number => parts.reduce((total, part) => total + part[key], 0);
  const rollouts = sum('rollouts');
  if (rollouts === 0) return undefined;
  const [withCode, blocks, failed] = [sum('withCode'), sum('blocks'), sum('failedBlocks')];
  return {
    rollouts,
    codeShare: withCode / rollouts,
    ...(withCode === 0
      ? {}
      : {
          blocks: blocks / withCode,
          linesPerBlock: sum('lines') / blocks,
          firstBlockAt: sum('firstBlockAt') / withCode,
          failedBlocks: failed / blocks,
        }),
    ...(failed === 0 ? {} : { selfCorrection: sum('corrected') / failed }),
    modelTokens: sum('modelTokens') / rollouts,
    toolTokens: sum('toolTokens') / rollouts,
  };
}
