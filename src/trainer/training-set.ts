/**
 * A training set as one safetensors file, read by `whencode_trainer/data.py`.
 *
 * Sequence s is ids[offsets[s] .. offsets[s+1]); lossMask and behaviourLogProbs run along ids; advantages and queries
 * have one entry a sequence. Query q's prompt is promptIds[promptOffsets[q] .. promptOffsets[q+1]); targets is [Q, 2]
 * with hasTarget marking the lines that count. A set for `preference` has pairs [P, 2] of the numbers of a right and a wrong
 * sequence. The two prefixes lie in prefixIds at prefixOffsets [3].
 *
 * This layout (camelCase names, offsets) differs from that of stored rollouts (src/rollout/file.ts: snake_case names,
 * lengths). Both are digests in existing stores, so neither changes.
 */
import { writeFile } from 'node:fs/promises';
import {
  byteTensor,
  float32Tensor,
  int32Tensor,
  layOutSafetensors,
  readSafetensors,
  type TensorView,
  tensorValues,
} from '../formats/safetensors.ts';
import { checkIds, checkOutline, checkSequence, type SequenceTokens } from './check-training-set.ts';
import type { SequencePair, SetOutline, TrainingQuery, TrainingSequence, TrainingSet } from './types.ts';

const FORMAT = { format: 'whencode-training-set', version: '1' };

/** Puts bytes at a position of the file, counted from its start. */
export type PutBytes = (bytes: Uint8Array, position: number) => void;

/** Puts the tokens of a set, in any order; each sequence and each prompt once. */
export interface TrainingSetWriter {
  /** @throws TrainingSetError for an invalid sequence; Error for one whose length the outline contradicts */
  putSequence(index: number, tokens: SequenceTokens): void;
  putPrompt(query: number, ids: ArrayLike<number>): void;
}

/**
 * Begins a set whose tokens are put later, so that it is never in memory as a whole. Equal sets give equal bytes.
 *
 * @param open - Opens the file, of this many bytes
 * @throws TrainingSetError for an invalid outline
 */
export function beginTrainingSet(outline: SetOutline, open: (fileBytes: number) => PutBytes): TrainingSetWriter {
  checkOutline(outline);
  const { sequences, queries, prefixIds, pairs } = outline;
  const offsets = offsetsOf(sequences.map(({ tokens }) => tokens));
  const promptOffsets = offsetsOf(queries.map(({ promptTokens }) => promptTokens));
  const tokens = [offsets.at(-1) ?? 0];
  const whole = {
    offsets: int32Tensor(offsets),
    advantages: float32Tensor(sequences.map(({ advantage }) => advantage)),
    queries: int32Tensor(sequences.map(({ query }) => query)),
    promptOffsets: int32Tensor(promptOffsets),
    targets: float32Tensor(
      queries.flatMap(({ target }) => target ?? [0, 0]),
      [queries.length, 2],
    ),
    hasTarget: byteTensor(queries.map(({ target }) => (target === undefined ? 0 : 1))),
    prefixIds: int32Tensor(prefixIds.flatMap((ids) => Array.from(ids))),
    prefixOffsets: int32Tensor(offsetsOf(prefixIds.map(({ length }) => length))),
    ...(pairs === undefined ? {} : { pairs: int32Tensor(pairs.flat(), [pairs.length, 2]) }),
  };
  const { header, starts, bytes } = layOutSafetensors(
    new Map<string, Pick<TensorView, 'type' | 'shape'>>([
      ['ids', { type: 'I32', shape: tokens }],
      ['offsets', whole.offsets],
      ['lossMask', { type: 'U8', shape: tokens }],
      ['behaviourLogProbs', { type: 'F32', shape: tokens }],
      ['advantages', whole.advantages],
      ['queries', whole.queries],
      ['promptIds', { type: 'I32', shape: [promptOffsets.at(-1) ?? 0] }],
      ['promptOffsets', whole.promptOffsets],
      ['targets', whole.targets],
      ['hasTarget', whole.hasTarget],
      ['prefixIds', whole.prefixIds],
      ['prefixOffsets', whole.prefixOffsets],
      ...(whole.pairs === undefined ? [] : [['pairs', whole.pairs] as const]),
    ]),
    FORMAT,
  );
  const put = open(bytes);
  const putAt = (name: string, tensor: TensorView, element = 0): void =>
    put(tensor.bytes, (starts.get(name) ?? 0) + element * (tensor.type === 'U8' ? 1 : 4));
  put(header, 0);
  for (const [name, tensor] of Object.entries(whole)) putAt(name, tensor);
  return {
    putSequence(index, sequence) {
      checkSequence(`sequence ${index}`, sequence);
      const at = placeOf('sequence', index, offsets, sequence.ids.length);
      putAt('ids', int32Tensor(sequence.ids), at);
      putAt('lossMask', byteTensor(sequence.lossMask), at);
      putAt('behaviourLogProbs', float32Tensor(sequence.behaviourLogProbs), at);
    },
    putPrompt(query, ids) {
      checkIds(`query ${query}'s prompt`, ids);
      putAt('promptIds', int32Tensor(ids), placeOf('the prompt of query', query, promptOffsets, ids.length));
    },
  };
}

function placeOf(what: string, index: number, offsets: readonly number[], length: number): number {
  const [from = 0, to = 0] = [offsets[index], offsets[index + 1]];
  if (length !== to - from) throw new Error(`${what} ${index} has ${length} tokens where ${to - from} were announced`);
  return from;
}

/** Serialises a set that is in memory. @throws TrainingSetError for an invalid set */
export function encodeTrainingSet(set: TrainingSet): Buffer {
  let file = Buffer.alloc(0);
  const writer = beginTrainingSet(outlineOf(set), (fileBytes) => {
    file = Buffer.alloc(fileBytes);
    return (bytes, position) => file.set(bytes, position);
  });
  for (const [at, sequence] of set.sequences.entries()) writer.putSequence(at, sequence);
  for (const [at, { promptIds }] of set.queries.entries()) writer.putPrompt(at, promptIds);
  return file;
}

const outlineOf = ({ queries, sequences, ...rest }: TrainingSet): SetOutline => ({
  queries: queries.map(({ promptIds, ...rest }) => ({ promptTokens: promptIds.length, ...rest })),
  sequences: sequences.map(({ ids, query, advantage }) => ({ query, tokens: ids.length, advantage })),
  ...rest,
});

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
  const pairs = tensors.has('pairs') ? read('pairs') : undefined;
  const set: TrainingSet = {
    ...(pairs === undefined ? {} : { pairs: pairsOf(pairs) }),
    sequences: ids.map(
      (sequence, at): TrainingSequence => ({
        query: queryOf[at] ?? -1,
        ids: sequence,
        lossMask: masks[at] ?? [],
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
  checkOutline(outlineOf(set));
  for (const [at, sequence] of set.sequences.entries()) checkSequence(`sequence ${at}`, sequence);
  return set;
}

const pairsOf = (flat: readonly number[]): SequencePair[] =>
  Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? -1, flat[2 * at + 1] ?? -1]);

export async function writeTrainingSet(path: string, set: TrainingSet): Promise<void> {
  await writeFile(path, encodeTrainingSet(set));
}

function offsetsOf(lengths: readonly number[]): number[] {
  const offsets = [0];
  let total = 0;
  for (const length of lengths) {
    total += length;
    offsets.push(total);
  }
  return offsets;
}

function slices(values: readonly number[], offsets: readonly number[]): number[][] {
  return offsets.slice(1).map((end, at) => values.slice(offsets[at], end));
}
