/** Where a setting stands in a YAML file. */
import type { Document, LineCounter } from 'yaml';

/**
 * @returns `:LINE` of the setting, or of the nearest section above it that is in the file; empty where none is
 * @example placeOf(document, lines, ['train', 'epochs']) // ':12'
 */
export function placeOf(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): string {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range !== undefined && range !== null) return `:${lines.linePos(range[0]).line}`;
  }
  return '';
}
