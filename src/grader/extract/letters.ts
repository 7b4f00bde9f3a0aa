/** Multiple choice: the letter a text settles on. */

/** `C`, `(C)`, `\text{(C)}`, `\textbf{C}`, `C.`; the letter, or undefined. */
export function bareLetter(answer: string): string | undefined {
  const plain = answer
    .replace(/\\(?:text|textbf|mathrm|mathbf|textit|textrm)\s*/g, '')
    .replace(/[{}$\s*_"'`]/g, '')
    .replace(/\\(?:left|right|,|;|!)?/g, '');
  return /^[([]?([A-Z])[)\].:,]*$/.exec(plain)?.[1];
}

/** `C. text`, `(C) text`, `C) text`, `C: text`, `C Cecile`. */
export function leadingLetter(answer: string): string | undefined {
  const plain = answer.replace(/\\(?:text|textbf|mathrm|mathbf)\s*\{?/g, '').replace(/^[\s$*_{]+/, '');
  return /^\(?([A-J])(?:[).:](?!\w)|\s*[-–]\s|\s+(?=[A-Z(\d$])|\)|$)/.exec(plain)?.[1];
}

const MENTION = /(?<![A-Za-zÀ-ÿ'’\\])[([{*]*([A-J])(?![A-Za-zÀ-ÿ'’])[)\]}*.:,]*/g;

/** The last letter that stands alone in a text; `A` and `I` only when they can't be words. */
export function lastLetter(text: string): string | undefined {
  let found: string | undefined;
  for (const match of text.slice(-2000).matchAll(MENTION)) {
    const isArticle =
      match[1] === 'A' &&
      /^\s+[a-z]/.test(text.slice(-2000).slice(match.index + match[0].length)) &&
      !/[)\].:*]/.test(match[0]);
    if (!isArticle && match[1] !== undefined) found = match[1];
  }
  return found;
}
