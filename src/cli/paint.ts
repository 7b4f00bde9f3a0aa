/** Colours of a terminal. They are put on text that is escaped already, so that nothing else can bring its own. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours by the first word of a cell. Every colour repeats a word, so that no information is in the colour alone. */
const STYLES: Readonly<Record<string, Style>> = {
  completed: 'green',
  good: 'green',
  running: 'cyan',
  paused: 'yellow',
  watch: 'yellow',
  'no-signal': 'yellow',
  stopped: 'yellow',
  blocked: 'red',
  failed: 'red',
  lost: 'red',
  act: 'red',
};
const PAINTED_COLUMNS = /\b(?:status|health)\b/g;
const RULE = /^─+(?: +─+)*$/;

/**
 * Paints the cells of status columns in tables of `renderTable`, and their heads. No colours where `NO_COLOR` is set or the
 * stream is no terminal; `FORCE_COLOR` paints anyway.
 */
export function paintTables(text: string, stream: NodeJS.WritableStream): string {
  if (!text.includes('──')) return text;
  const paint = (style: Style, part: string): string => styleText(style, part, { stream, validateStream: true });
  const lines = text.split('\n');
  let columns: { readonly start: number; readonly end: number }[] | undefined;
  return lines
    .map((line, at) => {
      if (RULE.test(lines[at + 1] ?? '')) {
        columns = columnsOf(line, lines[at + 1] ?? '');
        return paint('bold', line);
      }
      if (RULE.test(line)) return paint('dim', line);
      if (line.trim() === '') columns = undefined;
      return (columns ?? []).reduceRight((painted, { start, end }) => {
        const cell = line.slice(start, end);
        const style = STYLES[/^\s*([\w-]+)/.exec(cell)?.[1] ?? ''];
        return style === undefined ? painted : painted.slice(0, start) + paint(style, cell) + painted.slice(end);
      }, line);
    })
    .join('\n');
}

/** Where the painted columns of a table are, by their heads and the rule below them. */
function columnsOf(head: string, rule: string) {
  return [...head.matchAll(PAINTED_COLUMNS)].flatMap(({ index }) => {
    const start = rule.lastIndexOf(' ', index) + 1;
    const end = rule.indexOf(' ', index);
    return [{ start, end: end === -1 ? rule.length : end }];
  });
}
