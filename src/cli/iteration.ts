/** `whencode iteration …`: iterations again, otherwise and side by side; answers to one that is blocked. */

import type { Command } from 'commander';
import { ask, inPath } from '../api/client.ts';
import { askedBy, REQUEST_ID_OPTION, type RequestIdOption, steeringCommand } from './asking.ts';
import { clientCommand } from './client-command.ts';
import { addDiffCommand } from './diff-iterations.ts';
import { addReplayCommand } from './replay-iteration.ts';
import { SET_OPTION, type SetOption, settingsBody } from './settings-option.ts';
import { addShowCommand } from './show-iteration.ts';
import { addWhatIfCommand } from './what-if.ts';

export function addIterationCommand(program: Command): void {
  const iteration = program
    .command('iteration')
    .description('replay, question and compare iterations; answer a blocked campaign');

  addShowCommand(iteration);
  addReplayCommand(iteration);
  addWhatIfCommand(iteration);
  addDiffCommand(iteration);

  clientCommand(
    iteration
      .command('retry')
      .description('do what failed once more; nothing that is done is repeated')
      .argument('<campaign>')
      .option(...SET_OPTION)
      .option(...REQUEST_ID_OPTION),
    async (id: string, options: RequestIdOption & SetOption) => {
      const { set } = options;
      const body = { ...askedBy(options), ...(set === undefined ? {} : { settings: await settingsBody(set) }) };
      return async (api) => {
        const json = await ask(api.campaigns[':id'].retry.$post({ param: inPath({ id }), json: body }));
        return { json, text: `${id} tries again${set === undefined ? '' : ` with ${set.join(', ')}`}` };
      };
    },
  );

  steeringCommand(
    iteration
      .command('accept')
      .description('go on without the rollouts that sandbox or grader lost; the journal says who accepted how many')
      .argument('<campaign>'),
    (api, asked) => ask(api.campaigns[':id'].accept.$post(asked)),
    (id) => `${id} goes on without what was lost`,
  );

  steeringCommand(
    iteration
      .command('abort')
      .description('end the campaign as failed; its head stays what it was')
      .argument('<campaign>'),
    (api, asked) => ask(api.campaigns[':id'].abort.$post(asked)),
    (id) => `${id} ends as failed`,
  );
}
