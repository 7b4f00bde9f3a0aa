/** Code, what it printed, and error reports: said by no one. */

const FENCE = /^[ \t>]{0,12}(```+|~~~+)[ \t]*([^\n`]{0,60})$/gm;
const CODE =
  /^(?:py(?:thon)?3?|ipython|sage|sympy|r|c|c\+\+|cpp|java|javascript|js|ts|typescript|bash|sh|shell|console|output|out|stdout|stderr|text output|result|results|traceback|error|sql|julia|matlab|octave|wolfram|mathematica|lean4?|haskell|go|rust|ruby|perl|php|tool_call|tool_output|tool_code|execution|interpreter|plaintext output)(?![a-z])|^\{/i;
const LOOKS_LIKE_CODE =
  /^(?:\s*(?:import |from \w+ import |def |for \w+ in |while |print\(|>>> |In \[|Traceback|class \w+[:(]|#include|return\b|if .*:\s*$|\w+ = \w+\())/m;
const TRACEBACK =
  /^Traceback \(most recent call last\):?[^\n]*(?:\n(?![ \t]*\n)[^\n]*){0,60}?\n[ \t]{0,3}[\w.]*(?:Error|Exception|Interrupt|Exit|Warning|Timeout)\b[^\n]*/gm;
const ERROR_LINE =
  /^[ \t>]{0,4}(?:\[?(?:error|fatal|exception|warning|stderr)\]?[ \t]*[:：]|[A-Za-z_.]{0,40}(?:Error|Exception)[ \t]*[:：]| {2}File "[^"\n]{0,200}", line \d+)[^\n]*/gim;
const ERROR_START = new RegExp(ERROR_LINE.source, 'imy');

/** Whether a line of the text matches; only starts of lines are looked at. */
function hasLine(text: string, line: RegExp): boolean {
  for (let at = 0; ; ) {
    line.lastIndex = at;
    if (line.test(text)) return true;
    at = text.indexOf('\n', at) + 1;
    if (at === 0) return false;
  }
}

/**
 * A text without code fences, fences of output and error reports; blank fences of other kinds lose their marks only. If nothing else was
 * written, the last line of an output without an error stays.
 */
export function withoutCode(text: string): string {
  let rest = text;
  let printed: string | undefined;
  if (rest.includes('```') || rest.includes('~~~')) {
    const pieces: string[] = [];
    let from = 0;
    let open:
      | { readonly mark: string; readonly label: string; readonly at: number; readonly start: number }
      | undefined;
    for (const match of rest.matchAll(FENCE)) {
      const [line, mark = '', label = ''] = match;
      const end = match.index + line.length;
      if (open === undefined) {
        pieces.push(rest.slice(from, match.index));
        open = { mark, label: label.trim(), at: match.index, start: end };
        continue;
      }
      if (label.trim() !== '' || mark[0] !== open.mark[0] || mark.length < open.mark.length) continue;
      const body = rest.slice(open.start, match.index);
      if (CODE.test(open.label) || LOOKS_LIKE_CODE.test(body)) {
        if (/^(?:out|result|stdout|text|console)/i.test(open.label) && !/Error\b|Traceback/.test(body))
          printed = body.trim().split('\n').at(-1);
        pieces.push('\n');
      } else pieces.push(body);
      open = undefined;
      from = end;
    }
    if (open === undefined) pieces.push(rest.slice(from));
    else {
      const body = rest.slice(open.start);
      if (!CODE.test(open.label) && !LOOKS_LIKE_CODE.test(body)) pieces.push(body);
    }
    rest = pieces.join('\n');
  }
  if (rest.includes('Traceback')) rest = rest.replace(TRACEBACK, '');
  if (hasLine(rest, ERROR_START)) rest = rest.replace(ERROR_LINE, '');
  return rest.trim() === '' && printed !== undefined ? printed : rest;
}
