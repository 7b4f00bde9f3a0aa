/** `\boxed{…}` and `\fbox{…}` with brace matching. */
export interface Box {
  readonly content: string;
  readonly start: number;
  readonly end: number;
}

/** Number of characters from the end that are searched. */
const WINDOW = 200_000;

/** All complete boxes in order; linear, nested boxes count as their outermost. */
function findBoxes(text: string): Box[] {
  const boxes: Box[] = [];
  const opening = /\\{1,2}(?:boxed|fbox|framebox)(?:\{\\boxed)?\s*(?:(\{)|([A-Za-z0-9]+))/g;
  opening.lastIndex = Math.max(0, text.length - WINDOW);
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    if (match[2] !== undefined) {
      boxes.push({ content: match[2], start: match.index, end: opening.lastIndex });
      continue;
    }
    const open = opening.lastIndex - 1;
    let depth = 0;
    let close = -1;
    for (let at = open; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c === 92) at++;
      else if (c === 123) depth++;
      else if (c === 125 && --depth === 0) {
        close = at;
        break;
      }
    }
    // An unclosed box leaves nothing after it to find.
    if (close < 0) break;
    boxes.push({ content: text.slice(open + 1, close), start: match.index, end: close + 1 });
    opening.lastIndex = close + 1;
    if (boxes.length > 500) boxes.splice(0, 250);
  }
  return boxes;
}

const CONNECTIVE = /^(?:[a-z]+ )?(?:and|or|et|ou|y|und|和|或|与|及)?$/i;

/** `y_2 =` directly before a box. */
const NAME_BEFORE = /(?<![\w\\}=+*/^-]\s*)(\\?[A-Za-z](?:_\{?\w{1,3}\}?)?)\s*=\s*$/;

/** `y_2 = …` for `y_2 = \boxed{…}`: joined boxes keep their names. */
function named(text: string, { content, start }: Box): string {
  const name = NAME_BEFORE.exec(text.slice(Math.max(0, start - 24), start))?.[1];
  return name === undefined || content.includes('=') ? content.trim() : `${name} = ${content.trim()}`;
}

/** Whether only a connective (perhaps after a noun: `papers and`) stands between two boxes. */
function isConnective(between: string): boolean {
  if (between.length > 48) return false;
  const hasSeparator = /[,;&]|\b(?:and|or|et|ou|und)\b|[和或与及]/i.test(between);
  const words = between
    .replace(NAME_BEFORE, '')
    .replace(/\\(?:text|textbf|mathrm|quad|qquad|[,;:!()[\] ])/g, ' ')
    .replace(/[{}$.,;:&~*]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return hasSeparator && !/[.:]\s+[A-Z*]/.test(between) && CONNECTIVE.test(words);
}

/**
 * The answer of a text by its boxes: the last one, joined with those directly before it when only `,`, `and` or `or` stand
 * between. undefined without a box.
 */
export function boxedAnswer(text: string): string | undefined {
  if (!/\\(?:boxed|fbox|framebox)/.test(text)) return undefined;
  const boxes = findBoxes(text);
  const last = boxes.at(-1);
  if (last === undefined) return undefined;
  const parts = [named(text, last)];
  for (let k = boxes.length - 2; k >= 0; k--) {
    const [box, next] = [boxes[k], boxes[k + 1]];
    if (box === undefined || next === undefined) break;
    const between = text.slice(box.end, next.start);
    if (!isConnective(between)) break;
    const part = named(text, box);
    if (!parts.includes(part)) parts.unshift(part);
  }
  if (parts.length > 1) return parts.join(', ');
  // `\boxed{28}\%` and `$\boxed{28}$ pct`.
  const after = /^\s*\$?\s*(?:\\?%|pct\b|percent\b)/.exec(text.slice(last.end, last.end + 24));
  return after ? `${last.content}\\%` : last.content;
}
