/** `whencode eval …`: measure any checkpoint at any time. */

import { type Command, Option } from 'commander';
import { type ApiClient, ask, inPath } from '../api/client.ts';
import type { EvaluationAsked } from '../campaigns/evaluation-request.ts';
import { TEMPLATE_NAMES } from '../rollout/template.ts';
import type { Arm } from '../rollout/types.ts';
import { ARMS } from '../rollout/types.ts';
import { type Answer, clientCommand } from './client-command.ts';
import { compareEvaluations } from './compare-evaluations.ts';
import { isEvaluationId } from './evaluation-id.ts';
import { UsageError } from './exit.ts';
import { type JsonOption, listOf, parseCount, parseIndex, temperature } from './options.ts';
import { renderEvaluation, renderEvaluationList } from './render-evaluation.ts';
import { parseSuites, type SuiteAsked, startEvaluations } from './start-evaluations.ts';
import { showEvaluation } from './wait-for-evaluation.ts';

interface StartOptions extends JsonOption, Omit<EvaluationAsked, 'arms' | 'suite'> {
  readonly suite?: string;
  readonly suites?: readonly SuiteAsked[];
  readonly arms?: Arm[];
  readonly wait?: boolean;
}

export function addEvalCommand(program: Command): void {
  const evaluation = program.command('eval').description('measure checkpoints at any time, and compare');

  clientCommand(
    evaluation
      .command('start')
      .description('measure a checkpoint while campaigns run; asking twice for the same evaluation joins it')
      .option('--checkpoint <ref>', 'digest or its first digits, <campaign>, <campaign>/<iteration>, or a model folder')
      .option('--suite <name or file>', 'a suite of the campaign, a data set, or a file of problems')
      .addOption(
        new Option('--suites <list>', 'several, each with its samples, e.g. math500:4,aime24:16,gsm8k')
          .argParser(parseSuites)
          .conflicts(['suite', 'samples']),
      )
      .option('--samples <k>', 'rollouts a problem and arm', parseCount)
      .option('--temperature <t>', 'default: 0 (greedy), with more than one sample 1', temperature(10))
      .option('--arms <list>', 'of auto,cot,code; default: all', listOf('arm', ARMS))
      .option('--limit <n>', 'the first n problems', parseCount)
      .option('--seed <s>', 'of the rollouts; the problems stay the same', parseIndex)
      .option('--campaign <id>', 'whose settings are used; default: who made the checkpoint')
      .option('--iteration <n>', 'of the campaign: the checkpoint that it made; 0 is the warm start', parseIndex)
      .option('--template <name>', `${TEMPLATE_NAMES.join(', ')}; default: the campaign’s, else by the model’s files`)
      .option('--max-new-tokens <n>', 'that a rollout may write', parseCount)
      .option('--max-turns <n>', 'code blocks that a rollout may run, plus one', parseCount)
      .option('--wait', 'stay until it ends'),
    ({ wait, json: _, suite, suites, ...shared }: StartOptions) => {
      if (shared.campaign === undefined && shared.checkpoint === undefined)
        throw new UsageError('say what to measure: --checkpoint <digest, campaign/iteration or folder>');
      const asked = suites ?? (suite === undefined ? [] : [{ suite }]);
      if (asked.length === 0)
        throw new UsageError('say on which problems: --suite <name or file>, or --suites <name:samples,…>');
      return (api) => startEvaluations(api, shared, asked, wait === true);
    },
  );

  clientCommand(
    evaluation
      .command('list')
      .description('evaluations, newest first; of one campaign or checkpoint, or all')
      .option('--campaign <id>')
      .option('--checkpoint <ref>'),
    ({ campaign, checkpoint }: Query) =>
      (api) =>
        listEvaluations(api, { campaign, checkpoint }),
  );

  clientCommand(
    evaluation
      .command('show')
      .description('all of one evaluation by its id, or the list of a campaign')
      .argument('<id or campaign>'),
    (reference: string) => async (api) => {
      if (!isEvaluationId(reference)) return await listEvaluations(api, { campaign: reference });
      const json = await showEvaluation(api, reference);
      return { json, text: renderEvaluation(json) };
    },
  );

  clientCommand(
    evaluation
      .command('cancel')
      .description('end an evaluation; campaigns are left alone, and asking again continues from the finished steps')
      .argument('<id>'),
    (id: string) => async (api) => {
      const json = await ask(api.evaluations[':id{.+}'].cancel.$post({ param: inPath({ id }) }));
      return { json, text: `${id} is asked to end; its finished shards are kept` };
    },
  );

  clientCommand(
    evaluation
      .command('compare')
      .description('two evaluations, or two campaigns iteration by iteration')
      .argument('<left>', 'id of an evaluation, or campaign')
      .argument('<right>', 'id of an evaluation, or campaign'),
    (left: string, right: string) => {
      if (isEvaluationId(left) !== isEvaluationId(right))
        throw new UsageError('compare two evaluations by their ids (eval/…), or two campaigns');
      return async (api) => {
        const { json, render } = await compareEvaluations(api, left, right, isEvaluationId(left));
        return { json, text: render() };
      };
    },
  );
}

interface Query {
  readonly campaign?: string | undefined;
  readonly checkpoint?: string | undefined;
}

async function listEvaluations(api: ApiClient, query: Query): Promise<Answer> {
  const { evaluations } = await ask(api.evaluations.$get({ query }));
  return { json: evaluations, text: renderEvaluationList(evaluations) };
}
