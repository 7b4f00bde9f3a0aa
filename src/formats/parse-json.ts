/** JSON of files from elsewhere: bounded depth, and errors that name the place instead of quoting the text. */

/** The deepest nesting of files that models are made of is about 10. */
const MAX_DEPTH = 100;

/** The text is not JSON, or is nested too deeply. The message has line and column and nothing of the text. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
}

/**
 * `JSON.parse` with at most 100 levels of arrays and objects.
 *
 * @throws JsonTextError
 * @example parseJson('{"a": [1]}'); // { a: [1] }
 */
export function parseJson(text: string): unknown {
  const deep = findTooDeep(text);
  if (deep !== undefined)
    throw new JsonTextError(`nested more than ${MAX_DEPTH} levels deep at ${placeOf(text, deep)}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonTextError(`not JSON at ${placeOf(text, findDefect(text))}`);
  }
}

function findTooDeep(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '[' || char === '{') {
      depth += 1;
      if (depth > MAX_DEPTH) return at;
    } else if (char === ']' || char === '}') depth -= 1;
  }
  return undefined;
}

/** Index of the closing quote; the text's length where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Where the text stops being JSON. Its nesting is bounded, as `findTooDeep` has looked at it. */
function findDefect(text: string): number {
  let at = 0;
  const skip = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
  };
  const take = (char: string): boolean => {
    skip();
    if (text[at] !== char) return false;
    at += 1;
    return true;
  };
  const string = (): boolean => {
    skip();
    if (text[at] !== '"') return false;
    const end = endOfString(text, at);
    try {
      JSON.parse(text.slice(at, end + 1));
    } catch {
      return false;
    }
    at = end + 1;
    return true;
  };
  const items = (close: string, item: () => boolean): boolean => {
    if (take(close)) return true;
    do if (!item()) return false;
    while (take(','));
    return take(close);
  };
  const value = (): boolean => {
    if (take('[')) return items(']', value);
    if (take('{')) return items('}', () => string() && take(':') && value());
    if (string()) return true;
    SCALAR.lastIndex = at;
    const found = SCALAR.exec(text);
    at += found?.[0].length ?? 0;
    return found !== null;
  };
  if (value()) skip();
  return at;
}

function placeOf(text: string, at: number): string {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const line = text.slice(0, lineStart).split('\n').length;
  return `line ${line}, column ${at - lineStart + 1}`;
}
