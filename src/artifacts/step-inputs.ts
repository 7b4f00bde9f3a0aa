/** Names of a step's inputs, validated when they are read. */
import { z } from 'zod';
import { isDigest } from './digest.ts';
import type { Digest } from './types.ts';

export const digestSchema = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');

/** List inputs have the names `0`, `1`, …; they are read as an array. */
export const listedInputs = z.record(z.string(), digestSchema).transform((inputs): readonly Digest[] =>
  Object.keys(inputs)
    .sort((a, b) => Number(a) - Number(b))
    .flatMap((name) => inputs[name] ?? []),
);

/** The list as inputs of a step. */
export const listInputs = (digests: readonly Digest[]): Record<string, Digest> =>
  Object.fromEntries(digests.map((digest, at) => [`${at}`, digest]));
