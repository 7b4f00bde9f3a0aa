/** `whencode bench FILE`: models × prompts × suites as one table. */
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { type ApiClient, ask } from '../api/client.ts';
import { type Bench, type BenchCell, loadBench } from '../bench/bench-file.ts';
import {
  BENCH_HEAD,
  type BenchEntry,
  type BenchResult,
  benchBlocks,
  benchCells,
  benchCsv,
  bestWithin,
  suitesOf,
} from '../bench/bench-table.ts';
import { ChartSvg } from '../reports/chart-svg.tsx';
import { CHARTS_FOLDER, reportMarkdown } from '../reports/report-markdown.ts';
import { reportPage } from '../reports/report-page.tsx';
import { clientCommand } from './client-command.ts';
import { CommandFailure } from './exit.ts';
import { requireOwnFolder, writeFolder } from './output-folder.ts';
import { renderTable } from './table.ts';
import { waitForEvaluation } from './wait-for-evaluation.ts';
import { whileWaiting } from './while-waiting.ts';

const CSV_FILE = 'bench.csv';

export function addBenchCommand(program: Command): void {
  clientCommand(
    program
      .command('bench')
      .description('models × prompts × suites: accuracy, votes and cost side by side; what was measured is reused')
      .argument('<file>', 'a bench file (docs/bench.md)')
      .option(
        '--out <folder>',
        `is made, with a page, Markdown, charts and ${CSV_FILE}; must be empty, or hold a bench`,
      ),
    async (file: string, { out }: { out?: string }) => {
      const bench = await loadBench(resolve(file));
      const folder = out === undefined ? undefined : resolve(out);
      if (folder !== undefined) await requireOwnFolder(folder, CSV_FILE, 'bench');
      return async (api) => {
        const result = await runBench(api, bench);
        if (folder !== undefined)
          await writeBench(folder, result, `npx whencode bench ${relative('', resolve(file))} --out DIR`);
        return { json: { ...result, ...(folder !== undefined && { folder }) }, text: render(result, folder) };
      };
    },
  );
}

export async function runBench(api: ApiClient, { cells, votes, reference, tokens }: Bench): Promise<BenchResult> {
  const json = { evaluations: cells.map(({ request }) => request) };
  const { ids } = await ask(api.evaluations.batch.$post({ json }));
  const measured = cells.map((cell, at) => ({ cell, id: ids[at] ?? '' }));
  await whileWaiting(`${ids.length} evaluations run`, requireAllMeasured(api, ids));
  const entries: BenchEntry[] = [];
  for (const suite of new Set(cells.map((cell) => cell.suite))) {
    const own = measured.filter(({ cell }) => cell.suite === suite);
    const base = own.find(({ cell }) => cell.model === reference.model && cell.prompt === reference.prompt);
    if (base === undefined) throw new CommandFailure(`the reference was not measured on ${suite}`);
    const { rows } = await ask(
      api.evaluations.figures.$post({
        json: {
          evaluations: [...new Set(own.map(({ id }) => id))],
          votes: [...votes],
          reference: { evaluation: base.id, arm: reference.arm, votes: reference.votes },
        },
      }),
    );
    for (const { cell, id } of own)
      for (const row of rows) if (row.evaluation === id) entries.push({ ...row, ...placeOf(cell) });
  }
  return { entries, reference, ...(tokens !== undefined && { tokens }) };
}

const placeOf = ({ suite, model, prompt }: BenchCell) => ({ suite, model, prompt });

/** They run side by side; asking for one after the other spares the server. */
async function requireAllMeasured(api: ApiClient, ids: readonly string[]): Promise<void> {
  for (const id of ids) await requireMeasured(api, id);
}

/** @throws CommandFailure where it failed or was cancelled; an equal bench goes on from what is measured */
async function requireMeasured(api: ApiClient, id: string): Promise<void> {
  const { status, reason } = await waitForEvaluation(api, id);
  if (status !== 'completed')
    throw new CommandFailure(
      `${id} is ${status}${reason === undefined ? '' : `: ${reason}`}; the same bench goes on from there`,
    );
}

function render({ entries, tokens }: BenchResult, folder: string | undefined): string {
  const parts = suitesOf(entries).flatMap((suite) => {
    const own = entries.filter((entry) => entry.suite === suite);
    const within = tokens === undefined ? [] : bestWithin(own, tokens);
    const table = (rows: readonly BenchEntry[]) => renderTable(BENCH_HEAD, rows.map(benchCells));
    return [
      `${suite}\n${table(own)}`,
      ...(within.length === 0 ? [] : [`${suite}, the best within ${tokens} tokens a problem\n${table(within)}`]),
    ];
  });
  return [...parts, ...(folder === undefined ? [] : [join(folder, 'index.html')])].join('\n\n');
}

async function writeBench(folder: string, result: BenchResult, command: string): Promise<void> {
  const blocks = benchBlocks(result, command);
  const files = new Map([
    [CSV_FILE, benchCsv(result.entries)],
    ['bench.json', `${JSON.stringify(result, null, 1)}\n`],
    ['bench.md', reportMarkdown(blocks)],
    ['index.html', await reportPage(blocks)],
  ]);
  for (const block of blocks)
    if (block.kind === 'chart')
      files.set(`${CHARTS_FOLDER}/${block.file}.svg`, `${await ChartSvg(block.chart).toString()}\n`);
  await writeFolder(folder, files);
}
