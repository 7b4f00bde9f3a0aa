/** `whencode init`: writes a campaign file for problems and a model of one's own, checked and commented. */
import { writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { inspectModel } from '../campaigns/inspect-model.ts';
import { readEnvironment } from '../config/environment.ts';
import { absoluteSource, parseProblemSource } from '../config/problem-source.ts';
import { checkDataset } from '../datasets/check.ts';
import { DownloadError } from '../datasets/download.ts';
import { ProblemFileError } from '../datasets/problem-file.ts';
import { UnknownDatasetError } from '../datasets/registry.ts';
import { errorCode } from '../formats/error-code.ts';
import { fetchHint, parseModelSource } from '../models/model-source.ts';
import { type CampaignFacts, campaignFileText } from './campaign-file-text.ts';
import { UsageError } from './exit.ts';
import { print, printError } from './terminal.ts';

interface InitOptions {
  readonly name?: string;
  readonly model?: string;
  readonly problems?: string;
  readonly test?: string;
}

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('write a campaign file for your own problems and model, with comments; asks for what is not given')
    .argument('<file>', 'is made, e.g. my.yaml; must not exist')
    .option('--name <name>', 'of the campaign; default: that of the file')
    .option('--model <folder>', 'Hugging Face folder of the model to train')
    .option('--problems <source>', 'to train on: file, folder, data set or Hub id')
    .option('--test <source>', 'to measure on; default: a part of the training problems is kept for that')
    .action(init);
}

async function init(given: string, options: InitOptions): Promise<void> {
  const file = resolve(given);
  const answers = await askMissing(options);
  const name = options.name ?? nameOf(file);
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name))
    throw new UsageError(`"${name}" is no name of a campaign; allowed are lower-case letters, digits and hyphens`);
  const model = await lookAtModel(answers.model);
  const test = answers.test === undefined ? undefined : await lookAtProblems(answers.test, file);
  const problems = await lookAtProblems(answers.problems, file, answers.test);
  if (test === undefined && problems.count < 2)
    throw new UsageError('one problem is too few to train on and to measure on; give more, or --test <source>');
  const facts: CampaignFacts = { name, model: pathFrom(file, resolve(answers.model)), ...model, problems, test };
  await writeFile(file, campaignFileText(facts), { flag: 'wx' }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
    throw new UsageError(`${file} exists already; name a new file`);
  });
  print(`${given} is written; check it with \`whencode campaign start ${given} --dry-run\``);
}

/** Asks at a terminal; elsewhere what is missing is an error. */
async function askMissing({ model, problems, test }: InitOptions) {
  if (model !== undefined && problems !== undefined) return { model, problems, test };
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UsageError('give --model <folder> and --problems <source>; without a terminal nothing is asked');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ask = async (question: string): Promise<string> => (await terminal.question(question)).trim();
  try {
    return {
      model: model ?? (await ask('folder of the model (Llama, SmolLM2, Mistral, Qwen2/2.5 or Qwen3): ')),
      problems: problems ?? (await ask('problems to train on (file, folder, data set or Hub id): ')),
      test: test ?? ((await ask('problems to measure on (empty: a part of the training problems): ')) || undefined),
    };
  } finally {
    terminal.close();
  }
}

const nameOf = (file: string): string =>
  (/([^/]+?)(?:\.ya?ml)?$/.exec(file)?.[1] ?? 'mine').toLowerCase().replace(/[^a-z0-9-]+/g, '-');

/** How the model is asked, and the room for a solution. */
async function lookAtModel(given: string): Promise<Pick<CampaignFacts, 'template' | 'contextTokens'>> {
  const source = parseModelSource(given);
  try {
    const { config, template } = await inspectModel({ folder: resolve(given) });
    return { template, contextTokens: config.maxContextTokens };
  } catch (error) {
    if (source.kind === 'hub') throw new UsageError(fetchHint(source));
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @param other - Source that must share no problem with this one */
async function lookAtProblems(given: string, file: string, other?: string): Promise<CampaignFacts['problems']> {
  const source = { from: absoluteSource(given, '.') };
  const against = other === undefined ? undefined : { from: absoluteSource(other, '.') };
  const check = await checkDataset(source, readEnvironment(), against).catch((error: unknown) => {
    const kinds = [ProblemFileError, UnknownDatasetError, DownloadError];
    throw error instanceof Error && kinds.some((kind) => error instanceof kind) ? new UsageError(error.message) : error;
  });
  if (check.mistake !== undefined) throw new UsageError(check.mistake);
  const shared = check.overlap?.length ?? 0;
  if (shared > 0)
    throw new UsageError(
      `${shared} problems are in ${given} and in ${other}; \`whencode data check ${given} --against ${other}\` lists them`,
    );
  if (check.duplicates.length > 0) printError(`${given}: ${check.duplicates.length} problems repeat an earlier one`);
  const isPath = parseProblemSource(source.from).kind === 'path';
  return { from: isPath ? pathFrom(file, source.from) : given, count: check.problems };
}

/** As the campaign file names it: relative to its own folder. */
function pathFrom(file: string, path: string): string {
  const found = relative(dirname(file), path);
  return found.startsWith('.') ? found : `./${found}`;
}
