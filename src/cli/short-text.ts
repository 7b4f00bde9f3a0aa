/** Lists and texts of any length for a terminal. */

const SHOWN = 20;

/** The first lines, and how many more there are. */
export const shorten = (lines: readonly string[]): readonly string[] =>
  lines.length > SHOWN ? [...lines.slice(0, SHOWN), `… and ${lines.length - SHOWN} more`] : lines;

export const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 160)} …` : line;
};
