/** `\boxed{…}` and its relatives with brace matching. */
export interface Box {
  readonly content: string;
  readonly start: number;
  readonly end: number;
}

export interface Boxes {
  /** Complete boxes that state something, in order; nested boxes count as their outermost. */
  readonly boxes: readonly Box[];
  /** The last box is cut off or empty: it states nothing, and no earlier one counts in its place. */
  readonly isLastVoid: boolean;
}

/** Number of characters from the end that are searched. */
const WINDOW = 200_000;
const MOST_BOXES = 500;

/** Also `\bbox[5px]{…}`, `\colorbox{red}{…}`, a lost backslash, and `\b` that a string literal turned into a backspace. */
const OPENING =
  /(?:\\{0,2}(?<![A-Za-z])(?:boxed|fbox|framebox|bbox|(?:f?colorbox(?:\{[^{}]{0,30}\}){1,2}))|[\b]oxed)(?:\[[^\]]{0,30}\])?\s*(?:(\{)|(?<=\\[a-z]{4,9}\s*)(\d+(?:\.\d+)?|[A-Za-z](?![A-Za-z])))/g;
const BOX_FIRST = /^\s*\\(?:boxed|fbox)\s*\{/;
const NESTED = /^\s*\\(?:boxed|fbox)\s*\{([\s\S]*)\}\s*$/;
/** The most that a box opens with before the letters `box`. */
const LONGEST_PREFIX = 12;

/** Where the first box may start; -1 without one. A search for fixed letters is far faster than the expression. */
function firstHint(text: string, from: number): number {
  const at = text.indexOf('box', from);
  const backspaced = text.indexOf('\boxed', from);
  const first = at < 0 || backspaced < 0 ? Math.max(at, backspaced) : Math.min(at, backspaced);
  return first < 0 ? -1 : Math.max(from, first - LONGEST_PREFIX);
}

/** Where each brace of the text closes; linear. */
function closings(text: string, from: number): Map<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 92) at++;
    else if (c === 123) open.push(at);
    else if (c === 125) {
      const start = open.pop();
      if (start !== undefined) closing.set(start, at);
    }
  }
  return closing;
}

const NO_BOXES: Boxes = { boxes: [], isLastVoid: false };

/** All boxes of the end of a text. */
export function findBoxes(text: string): Boxes {
  const from = firstHint(text, Math.max(0, text.length - WINDOW));
  if (from < 0) return NO_BOXES;
  const boxes: Box[] = [];
  let isLastVoid = false;
  let isCutOff = false;
  let closing: Map<number, number> | undefined;
  OPENING.lastIndex = from;
  for (let match = OPENING.exec(text); match !== null; match = OPENING.exec(text)) {
    if (match[2] !== undefined) {
      boxes.push({ content: match[2], start: match.index, end: OPENING.lastIndex });
      isLastVoid = false;
      continue;
    }
    const open = OPENING.lastIndex - 1;
    closing ??= closings(text, open);
    const close = closing.get(open);
    if (close === undefined) {
      isLastVoid = true;
      // `\boxed{\boxed{5}`: what is inside is cut off as well.
      isCutOff ||= BOX_FIRST.test(text.slice(open + 1, open + 12));
      continue;
    }
    OPENING.lastIndex = close + 1;
    const content = text.slice(open + 1, close).replace(NESTED, '$1');
    const box = { content, start: match.index, end: close + 1 };
    if (isMention(text, box)) continue;
    isLastVoid = isEmpty(box.content);
    if (!isLastVoid) boxes.push(box);
    if (boxes.length > MOST_BOXES) boxes.splice(0, MOST_BOXES / 2);
  }
  return { boxes, isLastVoid: isLastVoid || isCutOff };
}

/** Nothing, or something to be filled in. */
const PLACEHOLDER =
  /^(?:\s|[.…_?$~]|\\(?:[lc]?dots|cdots|ldots|square|Box|quad|,|;|!|ldotp|text\s*\{\s*\}|_)|(?:\\text\s*\{)?\s*(?:(?:your|the|final|my)\s+)*answer\s*(?:here)?\s*\}?)*$/i;

function isEmpty(content: string): boolean {
  return PLACEHOLDER.test(content);
}

const ASKED_BEFORE =
  /(?:\bformat\s*[:=]?|\b(?:with)?in|\binside|\binto|\busing|\buse|\bwith|\bput|\benclosed?|\bvia|\bby|\bas|\bthe|\ban?|\bof|放[在入]|写[在入]|填[在入]|置于|[在用以]|(?<![A-Za-zà-ÿа-я])(?:dans|en|em|im|mit|в))[\s"'“`$(]*$/i;
const ASKED_AFTER =
  /^[\s"'”`$)]*(?:as (?:requested|required|asked|instructed)|(?:format|notation|environment|command|form|tag)\b|[中里内])/i;

/** `put the answer within \boxed{}`: a box that is talked about. */
function isMention(text: string, { content, start, end }: Box): boolean {
  return (
    isEmpty(content) &&
    (ASKED_BEFORE.test(text.slice(Math.max(0, start - 24), start)) || ASKED_AFTER.test(text.slice(end, end + 24)))
  );
}

const CONNECTIVES = 'and|or|et|ou|y|o|e|und|oder|и|или|和|或者?|与|以及|及|また|と|または|및|또는|و|أو';
const CONNECTIVE = new RegExp(
  `^(?:(?:respectively|either|both) )?(?:[a-z]+ )?(?:${CONNECTIVES})?(?: (?:also|else|the other|then))?$`,
  'iu',
);
const HAS_SEPARATOR = new RegExp(`[,;&，；、]|\\\\\\\\|(?<![\\p{L}])(?:${CONNECTIVES})(?![\\p{L}])|[和或与及、]`, 'iu');

/** `y_2 =` directly before a box. */
const NAME_BEFORE = /(?<![\w\\}])(?<![\d=+*/^-]\s*)(\\?[A-Za-z](?:_\{?\w{1,3}\}?)?)\s*=\s*$/;

/** Commands for space and text read as a separator. */
function withoutSpacing(text: string): string {
  return text
    .replace(/\\(?:text\w*|mathrm|mbox)\s*\{([^{}]*)\}/g, ' ; $1 ; ')
    .replace(/\\(?:text\w*|mathrm|mbox|q?quad|enspace|\\|[,;:!()[\] ])/g, ' ; ');
}

/** `y_2 = …` for `y_2 = \boxed{…}`: joined boxes keep their names. */
function named(text: string, { content, start }: Box): string {
  const name = NAME_BEFORE.exec(withoutSpacing(text.slice(Math.max(0, start - 24), start)))?.[1];
  return name === undefined || content.includes('=') ? content.trim() : `${name} = ${content.trim()}`;
}

/** Whether only a connective (perhaps after a noun: `papers and`) stands between two boxes. */
function isConnective(between: string): boolean {
  if (between.length > 80) return false;
  const words = withoutSpacing(between)
    .replace(NAME_BEFORE, '')
    .replace(/[{}$.,;:&~*，；、]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return HAS_SEPARATOR.test(between) && !/[.:]\s+[A-Z*]/.test(between) && CONNECTIVE.test(words);
}

/** A percent sign behind a box: `\boxed{28}\%`, `$\boxed{28}$ pct`. */
const PERCENT_AFTER = /^\s*\$?\s*(?:\\?%|pct\b|percent\b)/;

/** `-\boxed{7}`: a sign, not a dash (`so - \boxed{7}`) and no difference (`x - \boxed{7}`). */
const MINUS_BEFORE = /(?:^|[\s$=([:,]|\\[([])[-−]\$?$/;

/** The last box with those joined to it: only `,`, `and` or `or` stand between. Boxes of one value count once. */
export function lastBoxes(text: string, boxes: readonly Box[]): Box | undefined {
  const last = boxes.at(-1);
  if (last === undefined) return undefined;
  let { start } = last;
  let parts: string[] | undefined;
  for (let k = boxes.length - 2; k >= 0; k--) {
    const [box, next] = [boxes[k], boxes[k + 1]];
    if (box === undefined || next === undefined || !isConnective(text.slice(box.end, next.start))) break;
    parts ??= [named(text, last)];
    const part = named(text, box);
    if (!parts.includes(part)) parts.unshift(part);
    ({ start } = box);
  }
  if (parts !== undefined && parts.length > 1) return { content: parts.join(', '), start, end: last.end };
  const isPercent = PERCENT_AFTER.test(text.slice(last.end, last.end + 24));
  const content = isPercent ? `${last.content}\\%` : last.content;
  const isNegative = MINUS_BEFORE.test(text.slice(Math.max(0, start - 12), start));
  return { content: isNegative ? `-(${content})` : content, start, end: last.end };
}

/**
 * The answer of a text by its boxes: the last one, joined with those directly before it when only `,`, `and` or `or` stand
 * between. undefined without a box, or where the last one is cut off or empty.
 */
export function boxedAnswer(text: string): string | undefined {
  const { boxes, isLastVoid } = findBoxes(text);
  return isLastVoid ? undefined : lastBoxes(text, boxes)?.content;
}
