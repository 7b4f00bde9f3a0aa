/** `whencode eval …`: measure any checkpoint at any time. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type ApiClient, ask, inPath } from '../api/client.ts';
import type { EvaluationAsked } from '../campaigns/evaluation-request.ts';
import { absoluteSource } from '../config/problem-source.ts';
import type { EvaluationView } from '../db/views.ts';
import { follow } from '../process/follow.ts';
import type { Arm } from '../rollout/types.ts';
import { ARMS } from '../rollout/types.ts';
import { compareEvaluations } from './compare-evaluations.ts';
import { answer, apiOf } from './context.ts';
import { CommandFailure, UsageError } from './exit.ts';
import { JSON_OPTION, type JsonOption, parseCount, parseIndex } from './options.ts';
import { renderEvaluation, renderEvaluationList } from './render-evaluation.ts';

interface StartOptions extends Omit<EvaluationAsked, 'arms' | 'suite'> {
  readonly suite: string;
  readonly arms?: Arm[];
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addEvalCommand(program: Command): void {
  const evaluation = program.command('eval').description('measure checkpoints at any time, and compare');

  evaluation
    .command('start')
    .description('measure a checkpoint beside whatever runs; asking twice for the same joins')
    .option('--checkpoint <ref>', 'digest or its first digits, <campaign>, <campaign>/<iteration>, or a model folder')
    .requiredOption('--suite <name or file>', 'a suite of the campaign, a data set, or a file of problems')
    .option('--samples <k>', 'rollouts a problem and arm', parseCount)
    .option('--temperature <t>', 'default: 0 (greedy), with more than one sample 1', parseTemperature)
    .option('--arms <list>', 'of auto,cot,code; default: all', parseArms)
    .option('--limit <n>', 'the first n problems', parseCount)
    .option('--seed <s>', 'of the rollouts; the problems stay the same', parseIndex)
    .option('--campaign <id>', 'whose settings are used; default: who made the checkpoint')
    .option('--iteration <n>', 'of the campaign: the checkpoint that it made; 0 is the warm start', parseIndex)
    .option('--template <name>', 'testbed or markdown; default: the campaign’s, else by the model’s files')
    .option('--max-new-tokens <n>', 'that a rollout may write', parseCount)
    .option('--max-turns <n>', 'code blocks that a rollout may run, plus one', parseCount)
    .option('--wait', 'stay until it ends')
    .option(...JSON_OPTION)
    .action(async ({ wait, json, ...options }: StartOptions, command: Command) => {
      if (options.campaign === undefined && options.checkpoint === undefined)
        throw new UsageError('say what to measure: --checkpoint <digest, campaign/iteration or folder>');
      const api = await apiOf(command);
      const { id } = await ask(api.evaluations.$post({ json: withAbsolutePaths(options) }));
      if (wait !== true) {
        return answer({ json: json === true }, { id }, () => `${id} has started; \`whencode eval show ${id}\``);
      }
      const ended = await waitForEvaluation(api, id);
      answer({ json: json === true }, ended, () => renderEvaluation(ended));
      if (ended.status === 'failed') throw new CommandFailure(`${id} failed: ${ended.reason ?? 'no reason given'}`);
    });

  evaluation
    .command('list')
    .description('evaluations, newest first; of one campaign or checkpoint, or all')
    .option('--campaign <id>')
    .option('--checkpoint <ref>')
    .option(...JSON_OPTION)
    .action(async ({ json, ...query }: JsonOption & Query, command: Command) => {
      const { evaluations: found } = await ask((await apiOf(command)).evaluations.$get({ query }));
      answer({ json: json === true }, found, () => renderEvaluationList(found));
    });

  evaluation
    .command('show')
    .description('all of one evaluation by its id, or the list of a campaign')
    .argument('<id or campaign>')
    .option(...JSON_OPTION)
    .action(async (reference: string, options: JsonOption, command: Command) => {
      const api = await apiOf(command);
      if (!isEvaluationId(reference)) {
        const { evaluations: found } = await ask(api.evaluations.$get({ query: { campaign: reference } }));
        return answer(options, found, () => renderEvaluationList(found));
      }
      const found = await showEvaluation(api, reference);
      answer(options, found, () => renderEvaluation(found));
    });

  evaluation
    .command('cancel')
    .description('end an evaluation; a campaign beside it is left alone, and asking again goes on from what was done')
    .argument('<id>')
    .option(...JSON_OPTION)
    .action(async (id: string, options: JsonOption, command: Command) => {
      const asked = await ask((await apiOf(command)).evaluations[':id{.+}'].cancel.$post({ param: inPath({ id }) }));
      answer(options, asked, () => `${id} is asked to end; its finished shards are kept`);
    });

  evaluation
    .command('compare')
    .description('two evaluations, or two campaigns iteration by iteration')
    .argument('<left>', 'id of an evaluation, or campaign')
    .argument('<right>', 'id of an evaluation, or campaign')
    .option(...JSON_OPTION)
    .action(async (left: string, right: string, options: JsonOption, command: Command) => {
      if (isEvaluationId(left) !== isEvaluationId(right))
        throw new UsageError('compare two evaluations by their ids (eval/…), or two campaigns');
      const compared = await compareEvaluations(await apiOf(command), left, right, isEvaluationId(left));
      answer(options, compared.rows, compared.render);
    });
}

interface Query {
  readonly campaign?: string;
  readonly checkpoint?: string;
}

const isEvaluationId = (text: string): boolean => text.startsWith('eval/');

/** The control process may run in another folder. */
function withAbsolutePaths<T extends { readonly checkpoint?: string | undefined; readonly suite: string }>(body: T): T {
  const { checkpoint, suite } = body;
  const isFolder =
    checkpoint !== undefined && (/^[./~]/.test(checkpoint) || existsSync(join(checkpoint, 'config.json')));
  return {
    ...body,
    ...(isFolder ? { checkpoint: resolve(checkpoint) } : {}),
    suite: absoluteSource(suite, '.'),
  };
}

function parseArms(text: string): Arm[] {
  return text.split(',').map((name) => {
    const arm = ARMS.find((known) => known === name.trim());
    if (arm === undefined) throw new UsageError(`arm "${name}": allowed are ${ARMS.join(', ')}, with commas between`);
    return arm;
  });
}

function parseTemperature(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 10))
    throw new UsageError(`temperature "${text}": allowed are 0 (greedy) to 10`);
  return value;
}

const POLL_MS = 1000;

function waitForEvaluation(api: ApiClient, id: string): Promise<EvaluationView> {
  let timesLost = 0;
  return follow({
    ask: () => showEvaluation(api, id),
    endOf: (found) => {
      if (found.status !== 'running') return found;
      // It is recorded a moment before Temporal knows it.
      timesLost = found.lost === true ? timesLost + 1 : 0;
      if (timesLost > 2)
        throw new CommandFailure(`Temporal has lost ${id}; asked for again it goes on from its finished shards`);
      return undefined;
    },
    pause: POLL_MS,
  });
}

const showEvaluation = async (api: ApiClient, id: string): Promise<EvaluationView> =>
  (await ask(api.evaluations[':id{.+}'].$get({ param: inPath({ id }) }))).evaluation;
