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

function column(file: SafetensorsFile, name: string): number[] {
  const tensor = file.tensors.get(name);
  if (tensor === undefined)
    throw new Error(`rollout tokens have no tensor ${name}; found ${[...file.tensors.keys()].join(', ')}`);
  return Array.from(tensorValues(tensor));
}

/** Reads rollouts back as they were written, ready to go on. Throws when the three blobs disagree. */
export function readRolloutFiles(files: RolloutFiles): Rollout[] {
  const summaries = readJsonLines<RolloutSummary>(files.summary, 'rollout summary');
  const texts = readJsonLines<RolloutTexts>(files.texts, 'rollout texts');
  const file = readSafetensors(files.tokens);
  const [ids, lengths, logProbs, modelMask] = ['ids', 'lengths', 'log_probs', 'model_mask'].map((name) =>
    column(file, name),
  ) as [number[], number[], number[], number[]];
  if (lengths.length !== summaries.length * 3 || texts.length !== summaries.length) {
    throw new Error(
      `rollout blobs disagree: ${summaries.length} summaries, ${texts.length} texts, ${lengths.length / 3} token rows`,
    );
  }
  let idAt = 0;
  let completionAt = 0;
  return summaries.map((summary, row) => {
    const [prompt = 0, prefix = 0, completion = 0] = lengths.slice(row * 3, row * 3 + 3);
    const take = (count: number): number[] => {
      idAt += count;
      return ids.slice(idAt - count, idAt);
    };
    const promptIds = take(prompt);
    const prefixIds = take(prefix);
    const completionIds = take(completion);
    const from = completionAt;
    completionAt += completion;
    return {
      id: summary.id,
      problemId: summary.problemId,
      arm: summary.arm,
      sample: summary.sample,
      seed: summary.seed,
      state: summary.state,
      ...(summary.endReason === undefined ? {} : { endReason: summary.endReason }),
      promptIds,
      prefixIds,
      completionIds,
      logProbs: logProbs.slice(from, completionAt),
      modelMask: modelMask.slice(from, completionAt) as (0 | 1)[],
      blocks: texts[row]?.blocks ?? [],
    };
  });
}
