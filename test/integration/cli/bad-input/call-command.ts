/** The command line in this process: what it printed, and the exit code that it left. */
import { runCli } from '../../../../src/cli/whencode.ts';

export interface Called {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One call at a time: the process's streams are listened to meanwhile. */
export async function callCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Called> {
  const before = { env: process.env, exitCode: process.exitCode, out: process.stdout.write, err: process.stderr.write };
  const said = { stdout: '', stderr: '' };
  const listen = (name: 'stdout' | 'stderr') => (chunk: unknown) => {
    said[name] += String(chunk);
    return true;
  };
  process.env = { ...before.env, ...env };
  process.exitCode = undefined;
  process.stdout.write = listen('stdout') as typeof process.stdout.write;
  process.stderr.write = listen('stderr') as typeof process.stderr.write;
  try {
    await runCli(['node', 'whencode', ...args]);
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    process.env = before.env;
    process.exitCode = before.exitCode;
    process.stdout.write = before.out;
    process.stderr.write = before.err;
  }
}
