import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settingsMarkdown } from '../../../src/config/document.ts';
import { campaignJsonSchema } from '../../../src/config/load.ts';

it('the generated pages of docs/ are current (npm run docs)', () => {
  expect(readFileSync('docs/settings.md', 'utf8')).toBe(settingsMarkdown());
  expect(JSON.parse(readFileSync('docs/campaign.schema.json', 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(campaignJsonSchema())),
  );
});
