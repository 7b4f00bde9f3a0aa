import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FAILURE_TYPES } from '../../../src/protocol/failures.ts';

it('docs/troubleshooting.md says what to do about each type of failure', () => {
  const part =
    /\n## A campaign is blocked\n([\s\S]*?)\n## /.exec(readFileSync('docs/troubleshooting.md', 'utf8'))?.[1] ?? '';
  const sections = part.split(/^### /m).slice(1);
  expect(sections.map((section) => section.split('\n', 1)[0]).sort()).toEqual([...FAILURE_TYPES].sort());
  for (const section of sections) expect(section.length, section).toBeGreaterThan(120);
});
