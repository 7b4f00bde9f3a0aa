/** `whencode eval …`: measure any checkpoint at any time. */
import type { Command } from 'commander';
import type { CampaignDetail, EvaluationView } from '../db/views.ts';
import type { Client } from '../server/client.ts';
import { formatMeasure } from '../web/format.ts';
import { JSON_OPTION, parseIndex } from './campaign.ts';
import { answer, clientOf, print } from './context.ts';
import { CommandFailure, UsageError } from './exit.ts';
import { renderEvaluations } from './render-campaign.ts';
import { renderTable } from './table.ts';

interface StartOptions {
  readonly campaign?: string;
  readonly checkpoint?: string;
  readonly iteration?: number;
  readonly suite: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addEvalCommand(program: Command): void {
  const evaluation = program.command('eval').description('measure checkpoints and compare campaigns');

  evaluation
    .command('start')
    .description('measure a checkpoint; asking twice for the same joins')
    .option('--campaign <id>', 'campaign whose model, template and suites are used')
    .option('--checkpoint <ref>', 'digest, its first digits, or <campaign>@<iteration>; default: the newest')
    .option('--iteration <n>', 'checkpoint that this iteration made; 0 is the warm start', parseIndex)
    .requiredOption('--suite <name>', 'a suite of the campaign, or the name of a data set')
    .option('--wait', 'stay until it ends')
    .option(...JSON_OPTION)
    .action(async ({ wait, json, ...body }: StartOptions, command: Command) => {
      if (body.campaign === undefined && body.checkpoint === undefined) {
        throw new UsageError('say what to measure: --campaign <id> or --checkpoint <ref>');
      }
      const client = await clientOf(command);
      const { id } = await client.startEvaluation(body);
      if (wait !== true) return answer({ json: json === true }, { id }, () => `${id} has started`);
      const ended = await waitForEvaluation(client, id);
      answer({ json: json === true }, ended, () => renderEvaluations([ended]));
      if (ended.status === 'failed') throw new CommandFailure(`${id} failed: ${ended.reason ?? 'no reason given'}`);
    });

  evaluation
    .command('show')
    .description('evaluations of a campaign, or one by its id')
    .argument('<campaign or id>')
    .option(...JSON_OPTION)
    .action(async (reference: string, options: { json?: boolean }, command: Command) => {
      const client = await clientOf(command);
      const found = reference.includes('/')
        ? [await client.showEvaluation(reference)]
        : await client.listEvaluations({ campaign: reference });
      answer(options, found, () => (found.length === 0 ? 'Nothing has been measured yet.' : renderEvaluations(found)));
    });

  evaluation
    .command('compare')
    .description('two campaigns, iteration by iteration')
    .argument('<left>', 'campaign')
    .argument('<right>', 'campaign')
    .option(...JSON_OPTION)
    .action(async (left: string, right: string, options: { json?: boolean }, command: Command) => {
      const both = await (await clientOf(command)).compareCampaigns(left, right);
      answer(options, comparison(both.left, both.right), () => renderComparison(both.left, both.right));
      if (both.left.evaluations.length === 0 && both.right.evaluations.length === 0)
        print('Nothing has been measured yet.');
    });
}

const POLL_MS = 1000;

async function waitForEvaluation(client: Client, id: string): Promise<EvaluationView> {
  for (;;) {
    const found = await client.showEvaluation(id).catch((error: unknown) => {
      // Not recorded before its first worker task.
      if (error instanceof Error && 'code' in error && error.code === 'not-found') return undefined;
      throw error;
    });
    if (found !== undefined && found.status !== 'running') return found;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

/** Rows of two campaigns by suite and iteration; a side is absent where it was not measured. */
export function comparison(left: CampaignDetail, right: CampaignDetail) {
  const keyOf = (item: EvaluationView) => `${item.suite} ${item.iteration}`;
  const measured = (campaign: CampaignDetail) =>
    new Map(campaign.evaluations.filter((item) => item.iteration !== undefined).map((item) => [keyOf(item), item]));
  const [lefts, rights] = [measured(left), measured(right)];
  const keys = new Set([...lefts.keys(), ...rights.keys()]);
  return [...keys]
    .flatMap((key) => {
      const [a, b] = [lefts.get(key), rights.get(key)];
      const either = a ?? b;
      if (either?.iteration === undefined) return [];
      return [{ suite: either.suite, iteration: either.iteration, left: a?.metrics, right: b?.metrics }];
    })
    .sort((a, b) => a.suite.localeCompare(b.suite) || a.iteration - b.iteration);
}

function renderComparison(left: CampaignDetail, right: CampaignDetail): string {
  return renderTable(
    ['suite', 'iteration', ...['auto', 'selection', 'code rate'].flatMap((name) => [`${name} ${left.id}`, right.id])],
    comparison(left, right).map((row) => [
      row.suite,
      String(row.iteration),
      formatMeasure(row.left?.accuracy.auto),
      formatMeasure(row.right?.accuracy.auto),
      formatMeasure(row.left?.selectionAccuracy.sampled),
      formatMeasure(row.right?.selectionAccuracy.sampled),
      formatMeasure(row.left?.codeRate),
      formatMeasure(row.right?.codeRate),
    ]),
  );
}
