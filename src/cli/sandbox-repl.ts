/** Prompt of `whencode sandbox repl`: a line is a block, several lines are one until an empty line ends them. */
import { createInterface } from 'node:readline/promises';
import type { ExecutionResult, Sandbox } from '../sandbox/types.ts';
import { forStream } from './terminal.ts';

/** Runs until the input ends. A block that was stopped by a limit leaves no state, as in a rollout. */
export async function runSandboxRepl(
  sandbox: Sandbox,
  seed: number,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<void> {
  const reader = createInterface({ input, output });
  const blocks: string[] = [];
  let pending: string[] = [];
  const prompt = () => {
    reader.setPrompt(pending.length === 0 ? '>>> ' : '... ');
    reader.prompt();
  };
  prompt();
  for await (const line of reader) {
    if (pending.length > 0 || opensBlock(line)) pending.push(line);
    const isWhole = pending.length === 0 || line.trim() === '';
    const code = pending.length === 0 ? line : pending.join('\n');
    if (isWhole) pending = [];
    if (isWhole && code.trim() !== '') {
      const [result] = await sandbox.run([{ id: 'repl', previousBlocks: [...blocks], code, seed }]);
      blocks.push(code);
      if (result !== undefined) output.write(forStream(show(result), output));
    }
    prompt();
  }
  output.write('\n');
}

/** Whether more lines belong to this one: a compound statement, an open bracket, a continuation. */
function opensBlock(line: string): boolean {
  const opened = (line.match(/[([{]/g) ?? []).length - (line.match(/[)\]}]/g) ?? []).length;
  return /[:\\]\s*$/.test(line) || opened > 0 || line.startsWith('@');
}

function show(result: ExecutionResult): string {
  const value = result.value === undefined ? '' : `${result.value}\n`;
  const isPlain = result.end === 'ok' || result.end === 'error';
  return (
    result.stdout +
    result.stderr +
    value +
    (isPlain ? '' : `[${result.end}]${result.cause === undefined ? '' : ` ${result.cause}`}\n`)
  );
}
