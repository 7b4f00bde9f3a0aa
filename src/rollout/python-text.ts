/** What can be said of Python source without running it: is its end inside a string, and does it look like code at all. */

/** Where the end of a source lies: between tokens, in a comment, or in a string that is still open. */
export type PythonState = 'code' | 'comment' | 'string';

/** Reads quotes, escapes and comments as CPython's tokenizer does; a one-line string that is not closed ends with its line. */
export function pythonStateAtEnd(source: string): PythonState {
  let quote = '';
  let isComment = false;
  for (let at = 0; at < source.length; ) {
    const character = source.charAt(at);
    if (isComment) {
      isComment = character !== '\n';
      at += 1;
    } else if (quote === '') {
      if (character === '#') isComment = true;
      else if (character === '"' || character === "'")
        quote = source.startsWith(character.repeat(3), at) ? character.repeat(3) : character;
      at += Math.max(1, quote.length);
    } else if (character === '\\') {
      at += 2;
    } else if (source.startsWith(quote, at)) {
      at += quote.length;
      quote = '';
    } else {
      if (character === '\n' && quote.length === 1) quote = '';
      at += 1;
    }
  }
  if (isComment) return 'comment';
  return quote === '' ? 'code' : 'string';
}

/** Statements that prose and formulas don't have. */
const STATEMENT =
  /^[ \t]*(?:print[ \t]*\(|import[ \t]+[A-Za-z_]|from[ \t]+[\w.]+[ \t]+import\b|def[ \t]+\w+[ \t]*\(|(?:for[ \t]+\(?[\w*]+(?:[ \t]*,[ \t]*[\w*()]+)*\)?[ \t]+in\b|while\b|if\b)[^\n]*:[ \t]*(?:#.*)?$|>>> )/m;

export const looksLikePython = (text: string): boolean => STATEMENT.test(text);

/** Words, numbers and TeX marks only: nothing that Python would compute. */
export const looksLikeProse = (text: string): boolean => /^[\p{L}\p{M}\p{N}\s.,:;!?$\\{}'"’–—-]*$/u.test(text);

/** Comments and sentences only: a program that has not begun. */
export const isRemark = (text: string): boolean =>
  text.split('\n').every((line) => /^\s*(?:#|$)/.test(line) || isSentence(line)) && !looksLikePython(text);

const isSentence = (line: string): boolean => looksLikeProse(line) && /\p{L}.* .*\p{L}.*[.:!?]\s*$/u.test(line);

const PROMPT = /^[ \t]*(?:>>>|\.\.\.) ?(.*)$/;

/** A session of the interactive interpreter: its input without the prompts, and whether it shows outputs too. */
export function readDoctest(text: string): { readonly code: string; readonly hasOutput: boolean } | undefined {
  const lines = text.split('\n');
  if (!/^[ \t]*>>>/.test(lines.find((line) => line.trim() !== '') ?? '')) return undefined;
  const inputs = lines.map((line) => PROMPT.exec(line));
  return {
    code: inputs.flatMap((input) => (input === null ? [] : [input[1] ?? ''])).join('\n'),
    hasOutput: lines.some((line, index) => inputs[index] === null && line.trim() !== ''),
  };
}

/** Without the indentation of the first line, as far as the others have it: a program begins at the margin. */
export function dedent(code: string): string {
  const base = /^(?:[ \t]*\n)*([ \t]*)/.exec(code)?.[1]?.length ?? 0;
  return base === 0 ? code : code.replace(new RegExp(`^[ \\t]{1,${base}}`, 'gm'), '');
}
