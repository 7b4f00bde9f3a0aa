/** The command line. Only the command that is called is loaded, so that `campaign list` need not wait for Temporal. */
import { Command } from 'commander';
import { readEnvironment } from '../config/environment.ts';
import { exitOf } from './exit.ts';
import { printError, write } from './terminal.ts';

type AddCommand = (program: Command) => void;

const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  up: async () => (await import('./up.ts')).addUpCommand,
  demo: async () => (await import('./demo.ts')).addDemoCommand,
  doctor: async () => {
    const { addDoctorCommand } = await import('./doctor.ts');
    return (program) => addDoctorCommand(program, readEnvironment());
  },
  open: async () => (await import('./open.ts')).addOpenCommand,
  token: async () => (await import('./token.ts')).addTokenCommand,
  init: async () => (await import('./init.ts')).addInitCommand,
  campaign: async () => (await import('./campaign.ts')).addCampaignCommand,
  iteration: async () => (await import('./iteration.ts')).addIterationCommand,
  eval: async () => (await import('./eval.ts')).addEvalCommand,
  bench: async () => (await import('./bench.ts')).addBenchCommand,
  checkpoint: async () => (await import('./checkpoint.ts')).addCheckpointCommand,
  compare: async () => (await import('./compare.ts')).addCompareCommand,
  report: async () => (await import('./report.ts')).addReportCommand,
  rollouts: async () => (await import('./rollouts.ts')).addRolloutsCommand,
  db: async () => (await import('./db.ts')).addDbCommand,
  store: async () => (await import('./store.ts')).addStoreCommand,
  data: async () => (await import('./data.ts')).addDataCommand,
  solve: async () => (await import('./solve.ts')).addSolveCommand,
  sample: async () => (await import('./sample.ts')).addSampleCommand,
  score: async () => (await import('./score.ts')).addScoreCommand,
  grade: async () => (await import('./grade.ts')).addGradeCommand,
  sandbox: async () => (await import('./sandbox.ts')).addSandboxCommand,
  worker: async () => (await import('./worker.ts')).addWorkerCommand,
  codec: async () => (await import('./codec.ts')).addCodecCommand,
};

/** The program with the command that the arguments name; with all of them for help and for an unknown name. */
export async function createProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('whencode')
    .description('Durable campaigns that teach a math language model when to write code')
    .version('0.2.0')
    .option('--home <folder>', 'campaigns, store, databases and logs; default: WHENCODE_HOME or .whencode')
    .showHelpAfterError('(add --help to see what is allowed)')
    .configureOutput({ writeOut: write, writeErr: (text) => printError(text.replace(/\n$/, '')) })
    .exitOverride();
  const called = argv.slice(2).find((argument) => Object.hasOwn(COMMANDS, argument));
  const isFirst = called !== undefined && (argv[2] === called || argv[2]?.startsWith('--home') === true);
  const isVersion = called === undefined && argv.some((text) => text === '--version' || text === '-V');
  const loading = isVersion ? [] : isFirst ? [COMMANDS[called]] : Object.values(COMMANDS);
  for (const load of loading) if (load !== undefined) (await load())(program);
  return program;
}

/** `whencode grade --batch FILE | head`: the reader has what it wants, and there is nothing to report. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

/** Runs one command and sets the process's exit code: 0 done, 1 failed, 2 wrong use. */
export async function runCli(argv: readonly string[]): Promise<void> {
  endWithReader();
  try {
    await (await createProgram(argv)).parseAsync([...argv]);
  } catch (error) {
    const { code, message } = exitOf(error);
    if (message !== undefined) printError(message);
    process.exitCode = code;
  }
}
