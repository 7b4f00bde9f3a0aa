import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TEMPLATE_NAMES } from '../../../src/rollout/template.ts';

it('docs/templates.md has a row for each preset', () => {
  const [rows = ''] = readFileSync('docs/templates.md', 'utf8').split('\n## ');
  const named = [...rows.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual([...TEMPLATE_NAMES].sort());
});
