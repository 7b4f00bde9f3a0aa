/**
 * Rollouts at rest, in three blobs, so that lists and what-if read only the small one:
 * `summary` (a JSON line a rollout), `tokens` (safetensors: flat ids, log-probs, masks, offsets) and
 * `texts` (a JSON line a rollout: segments and code blocks). Row i is the same rollout in all three.
 *
 * The layout of `tokens` (snake_case names, lengths) differs from that of training sets (src/trainer/training-set.ts:
 * camelCase names, offsets). Both are digests in existing stores, so neither changes.
 */
import { readJsonLines, writeJsonLines } from '../formats/json-lines.ts';
import {
  byteTensor,
  float32Tensor,
  int32Tensor,
  readSafetensors,
  type SafetensorsFile,
  tensorValues,
  writeSafetensors,
} from '../formats/safetensors.ts';
import type { Tokenizer } from '../sampler/types.ts';
import { textSegments } from './segments.ts';
import { ranCode } from './turn.ts';
import type { Arm, CodeBlock, Rollout, RolloutState, TextSegment } from './types.ts';

export interface RolloutSummary {
  readonly id: string;
  readonly problemId: string;
  readonly arm: Arm;
  readonly sample: number;
  readonly seed: string;
  readonly state: RolloutState;
  readonly endReason?: string;
  readonly ranCode: boolean;
  readonly promptTokens: number;
  readonly modelTokens: number;
  readonly toolTokens: number;
  /** Sum of the behaviour log-probs of the model's tokens, nats. */
  readonly logProbSum: number;
}

export interface RolloutTexts {
  readonly id: string;
  readonly segments: readonly TextSegment[];
  readonly blocks: readonly CodeBlock[];
}

export interface RolloutFiles {
  readonly summary: Buffer;
  readonly tokens: Buffer;
  readonly texts: Buffer;
}

function summarise(rollout: Rollout): RolloutSummary {
  const modelTokens = rollout.modelMask.reduce<number>((sum, bit) => sum + bit, 0);
  return {
    id: rollout.id,
    problemId: rollout.problemId,
    arm: rollout.arm,
    sample: rollout.sample,
    seed: rollout.seed,
    state: rollout.state,
    ...(rollout.endReason === undefined ? {} : { endReason: rollout.endReason }),
    ranCode: ranCode(rollout),
    promptTokens: rollout.promptIds.length,
    modelTokens,
    toolTokens: rollout.modelMask.length - modelTokens,
    logProbSum: rollout.logProbs.reduce((sum, value) => sum + value, 0),
  };
}

export function writeRolloutFiles(rollouts: readonly Rollout[], tokenizer: Tokenizer): RolloutFiles {
  const ids: number[] = [];
  const logProbs: number[] = [];
  const modelMask: number[] = [];
  const lengths: number[] = [];
  for (const rollout of rollouts) {
    lengths.push(rollout.promptIds.length, rollout.prefixIds.length, rollout.completionIds.length);
    for (const id of rollout.promptIds) ids.push(id);
    for (const id of rollout.prefixIds) ids.push(id);
    for (const id of rollout.completionIds) ids.push(id);
    for (const value of rollout.logProbs) logProbs.push(value);
    for (const bit of rollout.modelMask) modelMask.push(bit);
  }
  const tokens = writeSafetensors(
    new Map([
      ['ids', int32Tensor(ids)],
      ['lengths', int32Tensor(lengths, [rollouts.length, 3])],
      ['log_probs', float32Tensor(logProbs)],
      ['model_mask', byteTensor(modelMask)],
    ]),
    { format: 'whencode-rollouts-1' },
  );
  return {
    summary: writeJsonLines(rollouts.map(summarise)),
    tokens,
    texts: writeJsonLines(
      rollouts.map(
        (rollout): RolloutTexts => ({
          id: rollout.id,
          segments: textSegments(rollout, tokenizer),
          blocks: rollout.blocks,
        }),
      ),
    ),
  };
}

/** The tokens of one rollout. Arrays as long as `completionIds`: see `Rollout`. */
export interface RolloutTokens {
  readonly promptIds: ArrayLike<number>;
  readonly prefixIds: ArrayLike<number>;
  readonly completionIds: ArrayLike<number>;
  readonly logProbs: ArrayLike<number>;
  readonly modelMask: ArrayLike<number>;
}

type Column = ReturnType<typeof tensorValues>;

/** Yields the tokens of a shard's rollouts in file order, as views into one array a tensor. */
export function* readRolloutTokens(tokens: Uint8Array): Generator<{ readonly [N in keyof RolloutTokens]: Column }> {
  const file = readSafetensors(tokens);
  const [ids, lengths, logProbs, modelMask] = ['ids', 'lengths', 'log_probs', 'model_mask'].map((name) =>
    column(file, name),
  ) as [Column, Column, Column, Column];
  let idAt = 0;
  let completionAt = 0;
  const take = (count = 0): Column => {
    idAt += count;
    return ids.subarray(idAt - count, idAt);
  };
  for (let at = 0; at < lengths.length; at += 3) {
    const [promptIds, prefixIds, completionIds] = [take(lengths[at]), take(lengths[at + 1]), take(lengths[at + 2])];
    const from = completionAt;
    completionAt += completionIds.length;
    yield {
      promptIds,
      prefixIds,
      completionIds,
      logProbs: logProbs.subarray(from, completionAt),
      modelMask: modelMask.subarray(from, completionAt),
    };
  }
}

function column(file: SafetensorsFile, name: string): Column {
  const tensor = file.tensors.get(name);
  if (tensor === undefined)
    throw new Error(`rollout tokens have no tensor ${name}; found ${[...file.tensors.keys()].join(', ')}`);
  return tensorValues(tensor);
}

/** Reads rollouts back as they were written, ready to go on. Throws when the three blobs disagree. */
export function readRolloutFiles(files: RolloutFiles): Rollout[] {
  const summaries = readJsonLines<RolloutSummary>(files.summary, 'rollout summary');
  const texts = readJsonLines<RolloutTexts>(files.texts, 'rollout texts');
  const rows = [...readRolloutTokens(files.tokens)];
  if (rows.length !== summaries.length || texts.length !== summaries.length) {
    throw new Error(
      `rollout blobs disagree: ${summaries.length} summaries, ${texts.length} texts, ${rows.length} token rows`,
    );
  }
  return rows.map((row, at) => {
    const summary = summaries[at] as RolloutSummary;
    return {
      id: summary.id,
      problemId: summary.problemId,
      arm: summary.arm,
      sample: summary.sample,
      seed: summary.seed,
      state: summary.state,
      ...(summary.endReason === undefined ? {} : { endReason: summary.endReason }),
      promptIds: [...row.promptIds],
      prefixIds: [...row.prefixIds],
      completionIds: [...row.completionIds],
      logProbs: [...row.logProbs],
      modelMask: [...row.modelMask] as (0 | 1)[],
      blocks: texts[at]?.blocks ?? [],
    };
  });
}
