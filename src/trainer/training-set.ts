/**
 * A training set as one safetensors file, read by `whencode_trainer/data.py`.
 *
 * Sequence s is ids[offsets[s] .. offsets[s+1]); lossMask and behaviourLogProbs run along ids; advantages and queries
 * have one entry a sequence. Query q's prompt is promptIds[promptOffsets[q] .. promptOffsets[q+1]); targets is [Q, 2]
 * with hasTarget marking the lines that count. The two prefixes lie in prefixIds at prefixOffsets [3].
 *
 * This layout (camelCase names, offsets) differs from that of stored rollouts (src/rollout/file.ts: snake_case names,
 * lengths). Both are digests in existing stores, so neither changes.
 */
import { writeFile } from 'node:fs/promises';
import {
  byteTensor,
  float32Tensor,
  int32Tensor,
  readSafetensors,
  tensorValues,
  writeSafetensors,
} from '../formats/safetensors.ts';
import { checkTrainingSet } from './check-training-set.ts';
import type { TrainingQuery, TrainingSequence, TrainingSet } from './types.ts';

const FORMAT = { format: 'whencode-training-set', version: '1' };

/** Serialises a set: equal sets give equal bytes. @throws TrainingSetError for an invalid set */
export function encodeTrainingSet(set: TrainingSet): Buffer {
  checkTrainingSet(set);
  const { sequences, queries, prefixIds } = set;
  const targets = queries.flatMap(({ target }) => target ?? [0, 0]);
  return writeSafetensors(
    new Map([
      ['ids', int32Tensor(sequences.flatMap(({ ids }) => ids))],
      ['offsets', int32Tensor(offsetsOf(sequences.map(({ ids }) => ids)))],
      ['lossMask', byteTensor(sequences.flatMap(({ lossMask }) => lossMask))],
      ['behaviourLogProbs', float32Tensor(sequences.flatMap(({ behaviourLogProbs }) => behaviourLogProbs))],
      ['advantages', float32Tensor(sequences.map(({ advantage }) => advantage))],
      ['queries', int32Tensor(sequences.map(({ query }) => query))],
      ['promptIds', int32Tensor(queries.flatMap(({ promptIds }) => promptIds))],
      ['promptOffsets', int32Tensor(offsetsOf(queries.map(({ promptIds }) => promptIds)))],
      ['targets', float32Tensor(targets, [queries.length, 2])],
      ['hasTarget', byteTensor(queries.map(({ target }) => (target === undefined ? 0 : 1)))],
      ['prefixIds', int32Tensor(prefixIds.flat())],
      ['prefixOffsets', int32Tensor(offsetsOf(prefixIds))],
    ]),
    FORMAT,
  );
}

/** Parses a set. Throws for a torn or foreign file. Log-probs and advantages are returned as float32. */
export function decodeTrainingSet(bytes: Uint8Array): TrainingSet {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== FORMAT.format || metadata.version !== FORMAT.version)
    throw new Error(
      `not a training set of version ${FORMAT.version}: found format ${metadata.format}, version ${metadata.version}`,
    );
  const read = (name: string): number[] => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`not a training set: tensor ${name} is missing`);
    return Array.from(tensorValues(tensor));
  };
  const ids = slices(read('ids'), read('offsets'));
  const masks = slices(read('lossMask'), read('offsets'));
  const logProbs = slices(read('behaviourLogProbs'), read('offsets'));
  const [advantages, queryOf] = [read('advantages'), read('queries')];
  const [targets, hasTarget] = [read('targets'), read('hasTarget')];
  const [cotPrefix = [], codePrefix = []] = slices(read('prefixIds'), read('prefixOffsets'));
  const set: TrainingSet = {
    sequences: ids.map(
      (sequence, at): TrainingSequence => ({
        query: queryOf[at] ?? -1,
        ids: sequence,
        lossMask: (masks[at] ?? []).map((mask) => (mask === 1 ? 1 : 0)),
        behaviourLogProbs: logProbs[at] ?? [],
        advantage: advantages[at] ?? Number.NaN,
      }),
    ),
    queries: slices(read('promptIds'), read('promptOffsets')).map(
      (promptIds, at): TrainingQuery =>
        hasTarget[at] === 1
          ? { promptIds, target: [targets[2 * at] ?? Number.NaN, targets[2 * at + 1] ?? Number.NaN] }
          : { promptIds },
    ),
    prefixIds: [cotPrefix, codePrefix],
  };
  checkTrainingSet(set);
  return set;
}

export async function writeTrainingSet(path: string, set: TrainingSet): Promise<void> {
  await writeFile(path, encodeTrainingSet(set));
}

function offsetsOf(lists: readonly (readonly number[])[]): number[] {
  const offsets = [0];
  let total = 0;
  for (const { length } of lists) {
    total += length;
    offsets.push(total);
  }
  return offsets;
}

function slices(values: readonly number[], offsets: readonly number[]): number[][] {
  return offsets.slice(1).map((end, at) => values.slice(offsets[at], end));
}
