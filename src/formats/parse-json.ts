/** JSON of files from elsewhere: bounded depth and number of values, and errors that name the place instead of quoting the text. */

/** The deepest nesting of files that models are made of is about 10. */
const MAX_DEPTH = 100;
/** A value takes up to 100 bytes of memory. A tokenizer of 256,000 tokens has about two million. */
const MAX_VALUES = 8_000_000;

/** The text is not JSON, is nested too deeply, or has too many values. The message has line and column and nothing of the text. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
}

/**
 * `JSON.parse` with at most 100 levels of arrays and objects, and 8 million values.
 *
 * @throws JsonTextError
 * @example parseJson('{"a": [1]}'); // { a: [1] }
 */
export function parseJson(text: string): unknown {
  refuseTooMuch(text);
  try {
    return JSON.parse(text);
  } catch {
    const at = findDefect(text);
    // Python's json writes these names, which no standard has.
    const name = /^-?(?:NaN|Infinity)\b/.exec(text.slice(at, at + 10))?.[0];
    const hint = name === undefined ? '' : `: ${name} is no JSON; write null, or a number or text`;
    throw new JsonTextError(`not JSON at ${placeOf(text, at)}${hint}`);
  }
}

const [QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [...'",[]{}'].map((c) => c.charCodeAt(0));

function refuseTooMuch(text: string): void {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA) values += 1;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1;
      values += 1;
      if (depth > MAX_DEPTH)
        throw new JsonTextError(`nested more than ${MAX_DEPTH} levels deep at ${placeOf(text, at)}`);
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
  }
  if (values > MAX_VALUES) throw new JsonTextError(`JSON of more than ${MAX_VALUES} values`);
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

/** Where the text stops being JSON. Its nesting is bounded, as `refuseTooMuch` has looked at it. */
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
  let line = 1;
  for (let end = text.indexOf('\n'); end !== -1 && end < lineStart; end = text.indexOf('\n', end + 1)) line += 1;
  return `line ${line}, column ${at - lineStart + 1}`;
}
