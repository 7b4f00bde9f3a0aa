/** Writes the generated pages of docs/. `npm run docs`; a test fails when they are not current. */
import { writeFileSync } from 'node:fs';
import { memoryMarkdown } from '../src/capacity/document.ts';
import { settingsMarkdown } from '../src/config/document.ts';
import { campaignJsonSchema } from '../src/config/load.ts';

writeFileSync('docs/settings.md', settingsMarkdown());
writeFileSync('docs/memory.md', memoryMarkdown());
writeFileSync('docs/campaign.schema.json', `${JSON.stringify(campaignJsonSchema(), null, 2)}\n`);
