/** `whencode iteration …`: answers to a campaign that is blocked because a step failed for good. */
import type { Command } from 'commander';
import { askedBy, REQUEST_ID_OPTION, type RequestIdOption } from './asking.ts';
import { clientOf, print } from './context.ts';

export function addIterationCommand(program: Command): void {
  const iteration = program.command('iteration').description('answer a blocked campaign');

  iteration
    .command('retry')
    .description('do what failed once more; nothing that is done is repeated')
    .argument('<campaign>')
    .option(...REQUEST_ID_OPTION)
    .action(async (id: string, options: RequestIdOption, command: Command) => {
      await (await clientOf(command)).answerBlock(id, 'retry', askedBy(options));
      print(`${id} tries again`);
    });

  iteration
    .command('accept')
    .description('go on without the rollouts that sandbox or grader lost; the journal says who accepted how many')
    .argument('<campaign>')
    .option(...REQUEST_ID_OPTION)
    .action(async (id: string, options: RequestIdOption, command: Command) => {
      await (await clientOf(command)).answerBlock(id, 'accept', askedBy(options));
      print(`${id} goes on without what was lost`);
    });

  iteration
    .command('abort')
    .description('end the campaign as failed; its head stays what it was')
    .argument('<campaign>')
    .option(...REQUEST_ID_OPTION)
    .action(async (id: string, options: RequestIdOption, command: Command) => {
      await (await clientOf(command)).answerBlock(id, 'abort', askedBy(options));
      print(`${id} ends as failed`);
    });
}
