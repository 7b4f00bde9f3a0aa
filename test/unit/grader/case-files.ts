import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Category } from './categories.ts';

const FOLDER = join(import.meta.dirname, 'cases');

/** Cases as text, one class of notation a file: `G` gold, `+` right, `-` wrong, `#` comment, ⏎ a line break. */
function readCases(file: string): Category {
  const cases: { gold: string; right: string[]; wrong: string[] }[] = [];
  for (const line of readFileSync(join(FOLDER, file), 'utf8').split('\n')) {
    const text = line.slice(2).replaceAll('⏎', '\n');
    if (line.startsWith('G ')) cases.push({ gold: text, right: [], wrong: [] });
    else if (line.startsWith('+ ')) cases.at(-1)?.right.push(text);
    else if (line.startsWith('- ')) cases.at(-1)?.wrong.push(text);
    else if (line !== '' && !line.startsWith('#')) throw new Error(`${file}: neither gold nor answer: ${line}`);
  }
  return { name: file.replace('.txt', ''), cases: cases.map(({ gold, right, wrong }) => [gold, right, wrong]) };
}

export const CASE_FILES: readonly Category[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.txt'))
  .map(readCases);
