/** `whencode iteration …`: answers to a campaign that is blocked because a step failed for good. */
import type { Command } from 'commander';
import { clientOf, print } from './context.ts';

export function addIterationCommand(program: Command): void {
  const iteration = program.command('iteration').description('answer a blocked campaign');

  iteration
    .command('retry')
    .description('do what failed once more; steps that are done are not repeated')
    .argument('<campaign>')
    .action(async (id: string, _: unknown, command: Command) => {
      await (await clientOf(command)).answerBlock(id, 'retry');
      print(`${id} tries again`);
    });

  iteration
    .command('abort')
    .description('end the campaign as failed; its head stays what it was')
    .argument('<campaign>')
    .action(async (id: string, _: unknown, command: Command) => {
      await (await clientOf(command)).answerBlock(id, 'abort');
      print(`${id} ends as failed`);
    });
}
