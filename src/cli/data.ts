/** `whencode data …`: data sets by name, and files in the documented format. No running stack is needed. */
import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { GOLD_FORMS, type ProblemsConfig } from '../config/campaign.ts';
import { readEnvironment } from '../config/environment.ts';
import { absoluteSource, endingOf } from '../config/problem-source.ts';
import {
  checkDataset,
  type DatasetCheck,
  type DatasetPreview,
  listDatasets,
  previewDataset,
} from '../datasets/check.ts';
import { DownloadError } from '../datasets/download.ts';
import { ProblemFileError } from '../datasets/problem-file.ts';
import { ChecksumError, pullDataset } from '../datasets/pull.ts';
import { findDataset, type RegisteredDataset, UnknownDatasetError } from '../datasets/registry.ts';
import { pulledFolder, resolveProblems } from '../datasets/resolve.ts';
import { checkTraces } from '../datasets/traces/check-traces.ts';
import { isTraceFile } from '../datasets/traces/trace-file.ts';
import { formatBytes, formatCount } from '../formats/for-people.ts';
import { TEMPLATE_NAMES, TEMPLATES, type TemplateName } from '../rollout/template.ts';
import { renderTraceCheck, renderTracePreview } from './check-traces.ts';
import { answer } from './context.ts';
import { CommandFailure, UsageError } from './exit.ts';
import { addExportTracesCommand } from './export-traces.ts';
import { JSON_OPTION, type JsonOption, parseCount } from './options.ts';
import { oneLine, shorten } from './short-text.ts';
import { renderTable } from './table.ts';
import { printError } from './terminal.ts';

export function addDataCommand(program: Command): void {
  const data = program.command('data').description('data sets by name, and files of problems');

  data
    .command('list')
    .description('registered data sets, with source and licence, and where they lie')
    .option(...JSON_OPTION)
    .action(async (options: { json?: boolean }) => {
      const listed = await listDatasets(readEnvironment());
      answer(options, listed, () =>
        renderTable(
          ['name', 'problems', 'licence', 'source', 'tried', 'on this machine'],
          listed.map(({ dataset, path }) => [
            dataset.name,
            formatCount(dataset.problems),
            dataset.licence,
            dataset.homepage,
            dataset.verified ? 'yes' : 'never',
            path ?? '–',
          ]),
        ),
      );
    });

  data
    .command('pull')
    .description('download a data set; one that broke off is taken up where it stopped')
    .argument('<name>')
    .option('--url <address>', 'another address of the same file')
    .option(...JSON_OPTION)
    .action(async (name: string, options: { url?: string; json?: boolean }) => {
      const dataset = requireDataset(name);
      const pulled = await pull({ ...dataset, url: options.url ?? dataset.url }, options.json !== true);
      answer(options, pulled, () => {
        const check = pulled.source.checkedAgainst === undefined ? 'no checksum is published' : 'checksum right';
        const notes = [
          ...(pulled.problems === pulled.expectedProblems ? [] : [`expected were ${pulled.expectedProblems}`]),
          ...(pulled.withoutAnswer === 0 ? [] : [`${pulled.withoutAnswer} left out: published without an answer`]),
        ];
        return `${pulled.path}: ${formatCount(pulled.problems)} problems, ${[check, ...notes].join('; ')}`;
      });
    });

  addExportTracesCommand(data);

  const format = (command: Command): Command =>
    command
      .option('--config <name>', 'of a Hub data set or a folder')
      .option('--split <name>', 'of a Hub data set, a folder or a generator')
      .option('--revision <name>', 'of a Hub data set: branch, tag or commit')
      .option('--problem <column>', 'column of the problem; default: found by its name')
      .option('--answer <column>', 'column of the answer; default: found by its name')
      .option('--id <column>', 'column of the id; default: found by its name, else rows are numbered')
      .addOption(new Option('--gold <form>', 'how the answer column holds the gold').choices(GOLD_FORMS))
      .option('--limit <n>', 'the first N problems, in seeded order', parseCount)
      .addOption(
        new Option('--template <name>', 'of a file of traces: as in the campaign')
          .choices(TEMPLATE_NAMES)
          .default('markdown'),
      )
      .option(...JSON_OPTION);

  format(
    data
      .command('check')
      .description(
        'what the dry run of a campaign checks of its problems or traces, by row; exit code 1 if anything is wrong',
      )
      .argument('<source>', 'file, folder, data set, Hub id or generator, as `from` of a campaign file'),
  )
    .option('--against <source>', 'also look for problems that are in the other one too')
    .action(async (from: string, options: SourceOptions & { against?: string }) => {
      const source = sourceOf(from, options);
      const against = options.against === undefined ? undefined : sourceOf(options.against, {});
      const traces = await known(() => findTraces(source, options));
      if (traces !== undefined) return await checkFileOfTraces(traces, options, against);
      const check = await known(() => checkDataset(source, readEnvironment(), against));
      answer(options, check, () => renderCheck(check));
      const shared = check.overlap?.length ?? 0;
      if (check.mistake !== undefined || shared > 0)
        throw new CommandFailure(check.mistake ?? `${from}: ${shared} problems are in ${options.against} too`);
    });

  format(
    data
      .command('preview')
      .description('columns of a set of problems, and the first five with their golds as they are read')
      .argument('<source>', 'file, folder, data set, Hub id or generator, as `from` of a campaign file'),
  ).action(async (from: string, options: SourceOptions) => {
    const source = sourceOf(from, options);
    const traces = await known(() => findTraces(source, options));
    if (traces !== undefined) {
      const check = await known(() => checkTraces(traces, TEMPLATES[options.template]));
      return answer(options, { ...check, traces: check.traces.slice(0, 5) }, () => renderTracePreview(check));
    }
    const preview = await known(() => previewDataset(source, readEnvironment()));
    answer(options, preview, () => renderPreview(preview));
  });
}

type SourceOptions = Omit<ProblemsConfig, 'from'> & JsonOption & { readonly template: TemplateName };

const sourceOf = (
  from: string,
  { json: _json, template: _traces, ...rest }: Partial<SourceOptions>,
): ProblemsConfig => ({
  from: absoluteSource(from, '.'),
  ...rest,
});

/** The path of a file of traces. A file is read as problems if a column is named. */
async function findTraces({ from }: ProblemsConfig, options: SourceOptions): Promise<string | undefined> {
  const isNamed = [options.problem, options.answer, options.id, options.gold].some((column) => column !== undefined);
  if (isNamed || endingOf(from) === undefined || !existsSync(from)) return undefined;
  return (await isTraceFile(from)) ? from : undefined;
}

async function checkFileOfTraces(
  path: string,
  options: SourceOptions,
  against: ProblemsConfig | undefined,
): Promise<void> {
  const others =
    against === undefined ? undefined : (await known(() => resolveProblems(against, readEnvironment()))).problems;
  const check = await known(() => checkTraces(path, TEMPLATES[options.template], others));
  answer(options, check, () => renderTraceCheck(check));
  const shared = check.overlap?.length ?? 0;
  if (check.traces.length === 0) throw new CommandFailure(`${path}: no trace can be read`);
  if (shared > 0) throw new CommandFailure(`${path}: ${shared} problems are in ${against?.from} too`);
}

function requireDataset(name: string): RegisteredDataset {
  try {
    return findDataset(name);
  } catch (error) {
    throw error instanceof UnknownDatasetError ? new UsageError(error.message) : error;
  }
}

async function pull(dataset: RegisteredDataset, showProgress: boolean) {
  let lastShown = 0;
  return await known(() =>
    pullDataset(dataset, {
      directory: pulledFolder(readEnvironment().cacheDirectory),
      onProgress: (receivedBytes, totalBytes) => {
        if (!showProgress || Date.now() - lastShown < 1000) return;
        lastShown = Date.now();
        const of = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`;
        printError(`${formatBytes(receivedBytes)}${of}`);
      },
    }),
  );
}

/** Expected failures of the data sets are messages, not stack traces. */
async function known<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnknownDatasetError) throw new UsageError(error.message);
    if (error instanceof DownloadError || error instanceof ChecksumError || error instanceof ProblemFileError) {
      throw new CommandFailure(error.message);
    }
    throw error;
  }
}

function renderCheck(check: DatasetCheck): string {
  return [
    check.description,
    ...shorten(check.asText.map(({ id, why }) => `${id} is graded as text: ${why}`)),
    ...shorten(check.duplicates.map((pair) => `${pair.id} repeats ${pair.otherId}`)),
    ...shorten((check.overlap ?? []).map((pair) => `${pair.id} is ${pair.otherId} of the other set`)),
  ].join('\n');
}

function renderPreview({ description, columnNames, columns, problems }: DatasetPreview): string {
  const read = columns === undefined ? [] : Object.entries(columns).map(([what, column]) => `${what}: ${column}`);
  return [
    description,
    ...(columnNames.length === 0 ? [] : [`columns: ${columnNames.join(', ')}`]),
    ...(read.length === 0 ? [] : [`read as ${read.join(', ')}`]),
    ...problems.map(({ id, problem, gold, kind }) => `\n${id}\n  ${oneLine(problem)}\n  gold (${kind}): ${gold}`),
  ].join('\n');
}
