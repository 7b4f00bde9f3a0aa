/** `whencode iteration …`: iterations again, otherwise and side by side; answers to one that is blocked. */

import type { Command } from 'commander';
import { ask, inPath } from '../api/client.ts';
import { askedBy, REQUEST_ID_OPTION, type RequestIdOption } from './asking.ts';
import { answer, apiOf } from './context.ts';
import { addDiffCommand } from './diff-iterations.ts';
import { JSON_OPTION, type JsonOption } from './options.ts';
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

  iteration
    .command('retry')
    .description('do what failed once more; nothing that is done is repeated')
    .argument('<campaign>')
    .option(...SET_OPTION)
    .option(...REQUEST_ID_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, options: RequestIdOption & SetOption & JsonOption, command: Command) => {
      const { set } = options;
      const settings = set === undefined ? {} : { settings: settingsBody(set) };
      const asked = await ask(
        (await apiOf(command)).campaigns[':id'].retry.$post({
          param: inPath({ id }),
          json: { ...askedBy(options), ...settings },
        }),
      );
      answer(options, asked, () =>
        set === undefined ? `${id} tries again` : `${id} tries again with ${set.join(', ')}`,
      );
    });

  iteration
    .command('accept')
    .description('go on without the rollouts that sandbox or grader lost; the journal says who accepted how many')
    .argument('<campaign>')
    .option(...REQUEST_ID_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, options: RequestIdOption & JsonOption, command: Command) => {
      const asked = await ask(
        (await apiOf(command)).campaigns[':id'].accept.$post({ param: inPath({ id }), json: askedBy(options) }),
      );
      answer(options, asked, () => `${id} goes on without what was lost`);
    });

  iteration
    .command('abort')
    .description('end the campaign as failed; its head stays what it was')
    .argument('<campaign>')
    .option(...REQUEST_ID_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, options: RequestIdOption & JsonOption, command: Command) => {
      const asked = await ask(
        (await apiOf(command)).campaigns[':id'].abort.$post({ param: inPath({ id }), json: askedBy(options) }),
      );
      answer(options, asked, () => `${id} ends as failed`);
    });
}
