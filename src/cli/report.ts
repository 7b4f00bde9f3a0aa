/** `whencode report …`: figures of campaigns as a page, Markdown and JSON, and the check of them against the store. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { reportDifferences } from '../reports/compare-reports.ts';
import type { Report } from '../reports/report.ts';
import { DATA_FILE, PAGE_FILE, reportFiles } from '../reports/report-files.ts';
import { clientCommand } from './client-command.ts';
import { UsageError } from './exit.ts';
import { requireOwnFolder, writeFolder } from './output-folder.ts';
import { addTrackerCommands } from './report-trackers.ts';

/** Differences that are printed. */
const SHOWN = 20;

export function addReportCommand(program: Command): void {
  const report = program
    .command('report')
    .description('figures of campaigns for other people and for experiment trackers');
  addTrackerCommands(report);

  clientCommand(
    report
      .command('make')
      .description('write a page, Markdown, charts and JSON: curves over seeds, tables, differences, settings, lineage')
      .argument('<campaign...>', "names; '*' stands for any characters. Other groups are compared with the first")
      .requiredOption('--out <folder>', 'is made; must be empty, or hold a report'),
    async (campaigns: string[], { out }: { out: string }) => {
      const folder = resolve(out);
      await requireOwnFolder(folder, DATA_FILE, 'report');
      return async (api) => {
        const query = { campaigns: campaigns.join(',') };
        const made: Report = await ask(api.reports.$get({ query }));
        const files = await reportFiles(made);
        await writeFolder(folder, files);
        const json = { folder, files: [...files.keys()] };
        const groups = made.groups.map(({ name, campaigns: own }) => `${name} (${own.length})`);
        return { json, text: `${join(folder, PAGE_FILE)}: ${groups.join(', ')}` };
      };
    },
  );

  clientCommand(
    report
      .command('verify')
      .description('compute every figure of a report again from the store, and fail where one differs')
      .argument('<folder>', 'that `report make` wrote'),
    async (given: string) => {
      const folder = resolve(given);
      const written = await readReport(folder);
      return async (api) => {
        const campaigns = written.groups.flatMap((group) => group.campaigns);
        const query = { campaigns: campaigns.map(({ id }) => id).join(','), figures: 'recomputed' as const };
        const computed: Report = await ask(api.reports.$get({ query }));
        const differences = [
          ...reportDifferences(written, { ...computed, asked: written.asked }),
          ...(await differingFiles(folder, written)),
        ];
        const evaluations = campaigns.flatMap((campaign) => campaign.evaluations);
        const json = { folder, evaluations: evaluations.length, differences };
        if (differences.length === 0)
          return { json, text: `${evaluations.length} evaluations: every figure is that of the store` };
        const more = differences.length > SHOWN ? [`… and ${differences.length - SHOWN} more`] : [];
        return {
          json,
          text: [...differences.slice(0, SHOWN), ...more].join('\n'),
          failure: `${differences.length} differences between ${folder} and the store`,
        };
      };
    },
  );
}

async function readReport(folder: string): Promise<Report> {
  const file = join(folder, DATA_FILE);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`there is no ${file}; give the folder that \`report make\` wrote`);
  });
  const report = JSON.parse(text) as Partial<Report>;
  if (report.format === 'whencode-report-1') return report as Report;
  throw new UsageError(`${file} is not a report of this version; make a new one with \`report make\``);
}

/** Files of the report that don't show the figures of its `report.json`. */
async function differingFiles(folder: string, report: Report): Promise<string[]> {
  const differing: string[] = [];
  for (const [name, text] of await reportFiles(report))
    if ((await readFile(join(folder, name), 'utf8').catch(() => undefined)) !== text)
      differing.push(`${name} does not show the figures of ${DATA_FILE}`);
  return differing;
}
