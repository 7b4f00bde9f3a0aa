/** Writes the generated pages of docs/. `npm run docs`; a test fails when they are not current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { memoryMarkdown } from '../src/capacity/document.ts';
import { commandsMarkdown } from '../src/cli/document.ts';
import { createProgram } from '../src/cli/whencode.ts';
import { settingsMarkdown } from '../src/config/document.ts';
import { campaignJsonSchema } from '../src/config/load.ts';
import { alarmsTable } from '../src/scoring/alarm-document.ts';
import { withPart } from './docs/marked-part.mjs';

writeFileSync('docs/settings.md', settingsMarkdown());
writeFileSync('docs/memory.md', memoryMarkdown());
writeFileSync('docs/campaign.schema.json', `${JSON.stringify(campaignJsonSchema(), null, 2)}\n`);
writeFileSync('docs/cli.md', commandsMarkdown(await createProgram(['node', 'whencode', '--help'])));
writeFileSync('docs/alarms.md', withPart(readFileSync('docs/alarms.md', 'utf8'), 'alarms', alarmsTable()));
