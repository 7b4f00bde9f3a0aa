/** Validates a training set before it is written. The trainer validates the file again. */
import type { SetOutline, TrainingSequence } from './types.ts';

/** The set is invalid. The message names the sequence or query and the allowed values. */
class TrainingSetError extends Error {
  override readonly name = 'TrainingSetError';
}

/** Tolerance for log-probs that rounding lifts above 0. */
const LARGEST_LOG_PROB = 1e-3;
/** Offsets are 32-bit integers. */
const LARGEST_OFFSET = 0x7fffffff;

/**
 * Everything but the tokens of sequences and prompts.
 *
 * @throws TrainingSetError for the first defect
 */
export function checkOutline({ queries, sequences, prefixIds, pairs = [] }: SetOutline): void {
  const hasTargets = queries.some(({ target }) => target !== undefined);
  const [cot, code] = prefixIds.map((ids) => Array.from(ids));
  refuse(
    hasTargets && (cot?.length === 0 || code?.length === 0 || `${cot}` === `${code}`),
    'decision targets need two different prefixes',
  );
  for (const ids of prefixIds) checkIds('a prefix', ids);
  for (const [at, query] of queries.entries()) checkQuery(`query ${at}`, query);
  for (const [at, { query, tokens, advantage }] of sequences.entries()) {
    refuse(
      !Number.isInteger(query) || query < 0 || query >= queries.length,
      `sequence ${at}: query ${query} is not one of the set's ${queries.length}`,
    );
    refuse(tokens < 2, `sequence ${at} has ${tokens} tokens; at least 2 are needed`);
    refuse(!Number.isFinite(advantage), `sequence ${at}: advantage ${advantage} is not finite`);
  }
  for (const [at, [right, wrong]] of pairs.entries()) {
    const [one, other] = [sequences[right], sequences[wrong]];
    refuse(
      right === wrong || one === undefined || one.query !== other?.query,
      `pair ${at}: ${right} and ${wrong} are not two sequences of one query`,
    );
  }
  const tokens = sequences.reduce((sum, sequence) => sum + sequence.tokens, 0);
  refuse(
    tokens > LARGEST_OFFSET,
    `it has ${tokens} tokens, more than its format can hold (${LARGEST_OFFSET}); take fewer problems an iteration`,
  );
}

function checkQuery(name: string, { promptTokens, target }: SetOutline['queries'][number]): void {
  if (target === undefined) return;
  refuse(promptTokens === 0, `${name} has a decision target but no prompt`);
  const [cot, code] = target;
  refuse(
    !(cot >= 0 && code >= 0 && Math.abs(cot + code - 1) <= 1e-6),
    `${name}: target [${target}] must be two shares that sum to 1`,
  );
}

export type SequenceTokens = Pick<TrainingSequence, 'ids' | 'lossMask' | 'behaviourLogProbs'>;

/** @throws TrainingSetError for the first defect */
export function checkSequence(name: string, { ids, lossMask, behaviourLogProbs }: SequenceTokens): void {
  checkIds(name, ids);
  refuse(lossMask.length !== ids.length, `${name}: lossMask has ${lossMask.length} entries for ${ids.length} tokens`);
  refuse(
    behaviourLogProbs.length !== ids.length,
    `${name}: behaviourLogProbs has ${behaviourLogProbs.length} entries for ${ids.length} tokens`,
  );
  refuse(lossMask[0] === 1, `${name}: its first token can't be learnt from, nothing precedes it`);
  refuse(!any(lossMask, (bit) => bit === 1), `${name} has no token to learn from`);
  refuse(
    any(behaviourLogProbs, (value) => !(Number.isFinite(value) && value <= LARGEST_LOG_PROB)),
    `${name}: behaviourLogProbs must be finite and not above 0`,
  );
}

/** @throws TrainingSetError where a number is no token id */
export function checkIds(name: string, ids: ArrayLike<number>): void {
  refuse(
    any(ids, (id) => !Number.isInteger(id) || id < 0 || id > 0x7fffffff),
    `${name} has a token that is no token id`,
  );
}

function any(values: ArrayLike<number>, is: (value: number) => boolean): boolean {
  for (let at = 0; at < values.length; at += 1) if (is(values[at] as number)) return true;
  return false;
}

function refuse(wrong: boolean, what: string): void {
  if (wrong) throw new TrainingSetError(`the training set is wrong: ${what}`);
}
