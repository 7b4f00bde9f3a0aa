/** Validates a training set before it is written. The trainer validates the file again. */
import type { TrainingQuery, TrainingSequence, TrainingSet } from './types.ts';

/** The set is invalid. The message names the sequence or query and the allowed values. */
class TrainingSetError extends Error {
  override readonly name = 'TrainingSetError';
}

/** Tolerance for log-probs that rounding lifts above 0. */
const LARGEST_LOG_PROB = 1e-3;

/** @throws TrainingSetError for the first defect */
export function checkTrainingSet(set: TrainingSet): void {
  const { queries, sequences, prefixIds } = set;
  const hasTargets = queries.some(({ target }) => target !== undefined);
  const [cot, code] = prefixIds;
  refuse(
    hasTargets && (cot.length === 0 || code.length === 0 || `${cot}` === `${code}`),
    'decision targets need two different prefixes',
  );
  for (const ids of prefixIds) checkIds('a prefix', ids);
  for (const [at, query] of queries.entries()) checkQuery(`query ${at}`, query);
  for (const [at, sequence] of sequences.entries()) checkSequence(`sequence ${at}`, sequence, queries.length);
}

function checkQuery(name: string, { promptIds, target }: TrainingQuery): void {
  checkIds(`${name}'s prompt`, promptIds);
  if (target === undefined) return;
  refuse(promptIds.length === 0, `${name} has a decision target but no prompt`);
  const [cot, code] = target;
  refuse(
    !(cot >= 0 && code >= 0 && Math.abs(cot + code - 1) <= 1e-6),
    `${name}: target [${target}] must be two shares that sum to 1`,
  );
}

function checkSequence(name: string, sequence: TrainingSequence, queries: number): void {
  const { query, ids, lossMask, behaviourLogProbs, advantage } = sequence;
  refuse(
    !Number.isInteger(query) || query < 0 || query >= queries,
    `${name}: query ${query} is not one of the set's ${queries}`,
  );
  checkIds(name, ids);
  refuse(ids.length < 2, `${name} has ${ids.length} tokens; at least 2 are needed`);
  refuse(lossMask.length !== ids.length, `${name}: lossMask has ${lossMask.length} entries for ${ids.length} tokens`);
  refuse(
    behaviourLogProbs.length !== ids.length,
    `${name}: behaviourLogProbs has ${behaviourLogProbs.length} entries for ${ids.length} tokens`,
  );
  refuse(lossMask[0] === 1, `${name}: its first token can't be learnt from, nothing precedes it`);
  refuse(!lossMask.includes(1), `${name} has no token to learn from`);
  refuse(
    behaviourLogProbs.some((value) => !(Number.isFinite(value) && value <= LARGEST_LOG_PROB)),
    `${name}: behaviourLogProbs must be finite and not above 0`,
  );
  refuse(!Number.isFinite(advantage), `${name}: advantage ${advantage} is not finite`);
}

function checkIds(name: string, ids: readonly number[]): void {
  refuse(
    ids.some((id) => !Number.isInteger(id) || id < 0 || id > 0x7fffffff),
    `${name} has a token that is no token id`,
  );
}

function refuse(wrong: boolean, what: string): void {
  if (wrong) throw new TrainingSetError(`the training set is wrong: ${what}`);
}
