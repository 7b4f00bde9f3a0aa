/** Checks a set of problems before anything is sampled. */
import { ConfigError } from '../config/config-error.ts';
import { compileGold, isGoldError } from '../grader/grade.ts';
import type { Problem } from '../rollout/types.ts';
import { textHash } from './text-hash.ts';

/** At most this share of a set may have answers that can only be compared as text. */
const TEXT_SHARE = 0.02;
const LISTED = 5;

/** An answer that the grader can't read as mathematics or words: it is compared character by character. */
export interface TextGold {
  readonly id: string;
  readonly why: string;
}

/**
 * Lists the golds that are graded as text, for people to check.
 *
 * @throws ConfigError for an empty set, a duplicate id, or too many such golds
 */
export function checkProblems(of: string, problems: readonly Problem[]): TextGold[] {
  if (problems.length === 0)
    throw new ConfigError(`the ${of} problems are empty; give a data set, a generator or a file with problems`);
  const seen = new Set<string>();
  for (const { id } of problems) {
    if (seen.has(id)) throw new ConfigError(`${of} problem "${id}" comes twice; give every problem an id of its own`);
    seen.add(id);
  }
  const asText = problems.flatMap(({ id, answer }): TextGold[] => {
    const why = whyText(answer);
    return why === undefined ? [] : [{ id, why }];
  });
  const allowed = Math.floor(problems.length * TEXT_SHARE);
  if (asText.length > allowed)
    throw new ConfigError(
      `${asText.length} of ${problems.length} ${of} answers can't be read by the grader: ${listGolds(asText)}; ` +
        `at most ${TEXT_SHARE * 100} % of a set (here ${allowed}) may be graded as text: fix or leave out these problems`,
    );
  return asText;
}

/** The first few, by id and reason. */
export function listGolds(golds: readonly TextGold[]): string {
  const shown = golds.slice(0, LISTED).map(({ id, why }) => `${id} (${why})`);
  if (golds.length > shown.length) shown.push(`and ${golds.length - shown.length} more`);
  return shown.join(', ');
}

const WORDS = /^[\p{L}\s,.;'’-]+$/u;
const TEXT_COMMAND = /\\(?:text|mbox|textbf|textit|mathrm)(?![a-z])/g;

/** The reason why a gold is graded as text. Undefined for a mathematical structure, a letter, or plain words. */
function whyText(answer: string): string | undefined {
  const gold = compileGold(answer);
  if (isGoldError(gold)) return gold.error;
  if (gold.kind !== 'text' || gold.letter !== undefined) return undefined;
  const bare = answer
    .replace(TEXT_COMMAND, '')
    .replace(/\\[ ,;!]/g, ' ')
    .replace(/[{}$]/g, '');
  return WORDS.test(bare) ? undefined : `"${answer.slice(0, 60)}" is no formula that it knows`;
}

/** @throws ConfigError if the sets share a problem, compared by text up to case, spaces and punctuation */
export function checkDisjoint(
  training: readonly Problem[],
  suite: string,
  measured: readonly Problem[],
  what: 'training problems' | 'demonstrations' = 'training problems',
): void {
  const idOf = new Map(training.map(({ id, problem }) => [textHash(problem), id]));
  const shared = measured.flatMap(({ id, problem }) => {
    const trained = idOf.get(textHash(problem));
    return trained === undefined ? [] : [trained === id ? id : `${id} = ${trained}`];
  });
  if (shared.length === 0) return;
  const [first] = shared;
  throw new ConfigError(
    `evaluation ${suite} shares problem "${first}" with the ${what} (${shared.length} in all); ` +
      'evaluate on problems that are not trained on, or leave them out of the ' +
      what,
  );
}
