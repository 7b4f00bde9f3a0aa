/** `whencode data …`: data sets by name, and files in the documented format. No running stack is needed. */
import type { Command } from 'commander';
import { readEnvironment } from '../config/environment.ts';
import { checkDataset, type DatasetCheck, listDatasets } from '../datasets/check.ts';
import { DownloadError } from '../datasets/download.ts';
import { ProblemFileError } from '../datasets/problem-file.ts';
import { ChecksumError, pullDataset } from '../datasets/pull.ts';
import { findDataset, type RegisteredDataset, UnknownDatasetError } from '../datasets/registry.ts';
import { findLocalFile, pulledFolder } from '../datasets/resolve.ts';
import { formatBytes, formatCount } from '../formats/for-people.ts';
import { answer } from './context.ts';
import { CommandFailure, UsageError } from './exit.ts';
import { JSON_OPTION } from './options.ts';
import { renderTable } from './table.ts';

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
        const check = pulled.source.checkedAgainst === undefined ? 'nobody states a checksum' : 'checksum right';
        const notes = [
          ...(pulled.problems === pulled.expectedProblems ? [] : [`expected were ${pulled.expectedProblems}`]),
          ...(pulled.withoutAnswer === 0 ? [] : [`${pulled.withoutAnswer} left out: published without an answer`]),
        ];
        return `${pulled.path}: ${formatCount(pulled.problems)} problems, ${[check, ...notes].join('; ')}`;
      });
    });

  data
    .command('check')
    .description('say what is wrong in a file of problems, by line; exit code 1 if anything is')
    .argument('<file or name>')
    .option('--against <file or name>', 'also look for problems that are in the other one too')
    .option(...JSON_OPTION)
    .action(async (file: string, options: { against?: string; json?: boolean }) => {
      const against = options.against === undefined ? undefined : await pathOf(options.against);
      const check = await known(async () => checkDataset(await pathOf(file), against === undefined ? {} : { against }));
      answer(options, check, () => renderCheck(check));
      const bad = check.faults.length + (check.overlap?.length ?? 0);
      if (bad > 0)
        throw new CommandFailure(
          `${check.path}: ${check.faults.length} broken lines, ${check.overlap?.length ?? 0} shared problems`,
        );
    });
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
        process.stderr.write(`${formatBytes(receivedBytes)}${of}\n`);
      },
    }),
  );
}

/** A path as it stands; a name is looked up among the local data sets. */
async function pathOf(reference: string): Promise<string> {
  if (/[\\/]|\.jsonl$/.test(reference)) return reference;
  const path = await findLocalFile(reference, readEnvironment());
  if (path !== undefined) return path;
  requireDataset(reference);
  throw new CommandFailure(`${reference} is not on this machine; \`whencode data pull ${reference}\` fetches it`);
}

/** Expected failures of the data sets are messages, not stack traces. */
async function known<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DownloadError || error instanceof ChecksumError || error instanceof ProblemFileError) {
      throw new CommandFailure(error.message);
    }
    throw error;
  }
}

const SHOWN = 20;

function renderCheck(check: DatasetCheck): string {
  const shown = (lines: readonly string[]) =>
    lines.length > SHOWN ? [...lines.slice(0, SHOWN), `… and ${lines.length - SHOWN} more`] : lines;
  return [
    `${check.path}: ${formatCount(check.problems)} problems`,
    ...shown(check.faults.map((fault) => `line ${fault.line}: ${fault.reason}`)),
    ...shown(check.duplicates.map((pair) => `${pair.id} repeats ${pair.otherId}`)),
    ...shown((check.overlap ?? []).map((pair) => `${pair.id} is ${pair.otherId} of the other file`)),
  ].join('\n');
}
