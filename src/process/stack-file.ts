/** `<home>/stack.json`: where the parts of a running stack listen, and their process ids. Ports are kept for the next start. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../formats/durable-file.ts';

export interface StackState {
  readonly temporalPort: number;
  readonly apiPort: number;
  /** Process ids of the running parts by name; empty when the stack is down. */
  readonly pids: Readonly<Record<string, number>>;
}

const stackFile = (home: string): string => join(home, 'stack.json');

/** Undefined when no stack has been started here, or when the file is torn: the next start writes a new one. */
export async function readStackState(home: string): Promise<StackState | undefined> {
  try {
    const state = JSON.parse(await readFile(stackFile(home), 'utf8')) as Partial<StackState>;
    const { temporalPort, apiPort, pids } = state;
    if (typeof temporalPort !== 'number' || typeof apiPort !== 'number' || typeof pids !== 'object') return undefined;
    return { temporalPort, apiPort, pids };
  } catch {
    return undefined;
  }
}

export async function writeStackState(home: string, state: StackState): Promise<void> {
  const path = stackFile(home);
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, `${JSON.stringify(state, null, 2)}\n`);
}
