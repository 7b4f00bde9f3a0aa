import type { Token } from '../expression/tokens.ts';

/** Words between the values of an answer. */
const SEPARATORS = new Set([
  'and',
  'or',
  'and/or',
  'or else',
  'either',
  'both',
  'et',
  'ou',
  'und',
  'oder',
  'или',
  'и',
  'или же',
  '或',
  '或者',
  '和',
  '与',
  '及',
  '且',
  'أو',
  'و',
  ', and',
  ', or',
  'and,',
  'or,',
  'resp.',
  'respectively',
]); // prettier-ignore

/** With the blanks that `\text{ and }` may hold. */
const LONGEST_SEPARATOR = 20;

const CONJUNCTIONS = new Set([
  'and',
  ', and',
  'and,',
  'both',
  'et',
  'und',
  'и',
  '和',
  '与',
  '及',
  '且',
  'و',
  'land',
  'wedge',
]);
const DISJUNCTIONS = new Set(
  ['or', ', or', 'or,', 'or else', 'either', 'ou', 'oder', 'или', 'или же', '或', '或者', 'أو', 'lor'], // prettier-ignore
);

/** Whether a separator says that all hold or that one does; undefined for a comma and words that say neither. */
export function joinOf(token: Token | undefined): 'and' | 'or' | undefined {
  if (token === undefined || !isSeparatorWord(token)) return undefined;
  const word = token.text.toLowerCase().trim();
  if (CONJUNCTIONS.has(word)) return 'and';
  return DISJUNCTIONS.has(word) ? 'or' : undefined;
}

/** Words that begin a condition or an explanation after the answer. */
const QUALIFIERS = new Set([
  'for',
  'where',
  'with',
  'when',
  'whenever',
  'if',
  'such',
  'because',
  'since',
  'as',
  'provided',
  'assuming',
  'given',
  'in',
  'pour',
  'où',
  'für',
  'для',
  '其中',
  'i.e.',
  'which',
]); // prettier-ignore

export function isSeparatorWord(token: Token): boolean {
  if (token.isProduct) return false;
  if (token.kind === 'word' || token.kind === 'text')
    return token.text.length <= LONGEST_SEPARATOR && SEPARATORS.has(token.text.toLowerCase().trim());
  if (token.kind === 'command')
    return token.text === 'land' || token.text === 'lor' || token.text === 'wedge' || token.text === 'newline';
  return false;
}

/** Whether the answer proper ends before this token. */
export function qualifierStart(token: Token, before: Token | undefined): boolean {
  if (token.kind === 'command') return (token.text === 'forall' || token.text === 'Rightarrow') && before !== undefined;
  if (token.isProduct || (token.kind !== 'word' && token.kind !== 'text') || token.text.length < 2) return false;
  const [first = ''] = token.text
    .toLowerCase()
    .replace(/^[\s,(]+/, '')
    .split(/[\s,]/, 1);
  return QUALIFIERS.has(first);
}

/** `for all x`: says nothing about what follows a comma after it; other qualifiers take the rest with them. */
export function isForAll(token: Token | undefined): boolean {
  return token !== undefined && (token.text === 'forall' || /^\s*\(?(?:for|pour|für|для)\b/i.test(token.text));
}
