import type { Command } from 'commander';
import type { DockerSandbox } from '../sandbox/create-sandbox.ts';
import { DEFAULT_LIMITS } from '../sandbox/limits.ts';
import { PROTECTIONS, type Protection } from '../sandbox/protections.ts';
import type { ExecutionResult } from '../sandbox/types.ts';
import { openSandbox } from './open-sandbox.ts';
import { listOf, parseIndex } from './options.ts';
import { readInput } from './read-input.ts';
import { runSandboxRepl } from './sandbox-repl.ts';
import { write } from './terminal.ts';

interface LimitOptions {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly memoryMb: number;
  readonly outputKb: number;
  readonly seed: number;
  readonly dangerouslySwitchOff: readonly Protection[];
}

/** What `sandbox run --json` prints for a file, one line each. */
interface FileResult {
  readonly file: string;
  readonly end: ExecutionResult['end'];
  readonly stdout: string;
  readonly stderr: string;
  readonly value: string | null;
  readonly exception: string | null;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly cause?: string;
}

const MIB = 1024 * 1024;

export function addSandboxCommand(program: Command): void {
  const sandbox = program.command('sandbox').description('run Python in the closed sandbox, as model code is run');
  addLimits(sandbox.command('run'))
    .description('run each file on its own; `-` is standard input')
    .argument('<file...>', 'Python files')
    .option('--json', 'one JSON object a line and file: end, stdout, stderr, value, cpuMs, memoryBytes')
    .action(async (files: string[], options: LimitOptions & { json?: boolean }) => {
      const codes = await Promise.all(files.map(async (file) => ({ file, code: await readInput(file) })));
      const ran = await withSandbox(options, Math.min(2, files.length), async (box) => {
        const requests = codes.map(({ code }, index) => ({
          id: `${index}`,
          previousBlocks: [],
          code,
          seed: options.seed,
        }));
        const results = await box.run(requests);
        return results.map((result, index) => toFileResult(codes[index]?.file ?? '', result));
      });
      for (const result of ran) write(options.json ? `${JSON.stringify(result)}\n` : describe(result));
      if (ran.some((result) => result.end === 'infrastructure')) process.exitCode = 1;
    });
  addLimits(sandbox.command('repl'))
    .description('type blocks of Python that share their state, as the blocks of one rollout do')
    .action((options: LimitOptions) =>
      withSandbox(options, 1, (box) => runSandboxRepl(box, options.seed, process.stdin, process.stdout)),
    );
}

function addLimits(command: Command): Command {
  return command
    .option('--cpu-ms <n>', 'processor time', parseIndex, DEFAULT_LIMITS.cpuMs)
    .option('--wall-ms <n>', 'time for code that sleeps or waits', parseIndex, DEFAULT_LIMITS.wallMs)
    .option('--memory-mb <n>', 'memory', parseIndex, DEFAULT_LIMITS.memoryBytes / MIB)
    .option('--output-kb <n>', 'kept of each stream', parseIndex, DEFAULT_LIMITS.outputBytes / 1024)
    .option('--seed <n>', 'of random numbers', parseIndex, 0)
    .option(
      '--dangerously-switch-off <protections>',
      `run unprotected code on a host that can't do better: some of ${PROTECTIONS.join(', ')}, with commas`,
      listOf('protection', PROTECTIONS),
      [],
    );
}

async function withSandbox<T>(
  options: LimitOptions,
  slots: number,
  use: (box: DockerSandbox) => Promise<T>,
): Promise<T> {
  const { cpuMs, wallMs } = options;
  const limits = { cpuMs, wallMs, memoryBytes: options.memoryMb * MIB, outputBytes: options.outputKb * 1024 };
  const dangerouslySwitchOffProtections = options.dangerouslySwitchOff;
  const box = await openSandbox({ limits, slots, showValue: true, dangerouslySwitchOffProtections });
  try {
    return await use(box);
  } finally {
    await box.close();
  }
}

function toFileResult(file: string, result: ExecutionResult): FileResult {
  const { end, stdout, stderr, value = null, exception = null, cpuMs, memoryBytes, cause } = result;
  return { file, end, stdout, stderr, value, exception, cpuMs, memoryBytes, ...(cause === undefined ? {} : { cause }) };
}

/** One line of verdict, then what it printed. */
function describe(result: FileResult): string {
  const figures = `${Math.round(result.cpuMs)} ms CPU, ${Math.round(result.memoryBytes / MIB)} MiB`;
  const lines = [`${result.file}: ${result.end} (${figures})${result.cause === undefined ? '' : `: ${result.cause}`}`];
  for (const output of [result.stdout, result.stderr, result.value ?? '']) {
    if (output !== '') lines.push(output.replace(/\n$/, '').replace(/^/gm, '  '));
  }
  return `${lines.join('\n')}\n`;
}
