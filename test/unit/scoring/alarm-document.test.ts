import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withPart } from '../../../infra/docs/marked-part.mjs';
import { ALARM_KINDS } from '../../../src/scoring/alarm.ts';
import { alarmsTable } from '../../../src/scoring/alarm-document.ts';

const PAGE = readFileSync('docs/alarms.md', 'utf8');

it('docs/alarms.md has the alarms of the code in its table (npm run docs)', () => {
  expect(withPart(PAGE, 'alarms', alarmsTable())).toBe(PAGE);
});

it('docs/alarms.md has a paragraph about each alarm, in the order of the table', () => {
  const sections = PAGE.split(/^## /m).slice(1);
  expect(sections.map((section) => section.split('\n', 1)[0])).toEqual([...ALARM_KINDS]);
  for (const section of sections) expect(section.length, section).toBeGreaterThan(200);
});
