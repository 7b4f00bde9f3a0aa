/** The command line. Commands of the parts are added by the parts; the rest talks to the control process. */
import { Command } from 'commander';
import { addCampaignCommand } from './campaign.ts';
import { addCheckpointCommand } from './checkpoint.ts';
import { addDataCommand } from './data.ts';
import { addEvalCommand } from './eval.ts';
import { exitOf } from './exit.ts';
import { addOpenCommand } from './open.ts';
import { addRolloutsCommand } from './rollouts.ts';
import { addUpCommand } from './up.ts';
import { addWorkerCommand } from './worker.ts';

export function createProgram(): Command {
  const program = new Command('whencode')
    .description('Durable campaigns that teach a math language model when to write code')
    .version('0.1.0')
    .option('--home <folder>', 'campaigns, store, databases and logs; default: WHENCODE_HOME or .whencode')
    .showHelpAfterError('(add --help to see what is allowed)')
    .exitOverride();
  addCampaignCommand(program);
  addEvalCommand(program);
  addCheckpointCommand(program);
  addRolloutsCommand(program);
  addDataCommand(program);
  addOpenCommand(program);
  addUpCommand(program);
  addWorkerCommand(program);
  return program;
}

/** Runs one command and sets the process's exit code: 0 done, 1 failed, 2 wrong use. */
export async function runCli(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...argv]);
  } catch (error) {
    const { code, message } = exitOf(error);
    if (message !== undefined) process.stderr.write(`${message}\n`);
    process.exitCode = code;
  }
}
