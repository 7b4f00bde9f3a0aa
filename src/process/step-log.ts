/**
 * `<home>/logs/steps.jsonl`: a line when a step's computation begins and one when it ends, by every worker, never
 * rewritten. It answers what the store can't: how often a step was computed, and by whom. A killed worker leaves a
 * begin without an end.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest, StepObserver } from '../artifacts/types.ts';

export interface StepLogLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: 'began' | 'committed' | 'failed';
  readonly stage: string;
  readonly key: Digest;
  readonly role: string;
  readonly pid: number;
}

const logFile = (home: string): string => join(home, 'logs', 'steps.jsonl');

export function createStepLog(home: string, role: string): StepObserver {
  const path = logFile(home);
  mkdirSync(join(home, 'logs'), { recursive: true });
  const write = (event: StepLogLine['event'], stage: string, key: Digest): void => {
    const line: StepLogLine = { at: Date.now(), event, stage, key, role, pid: process.pid };
    try {
      // Synchronous and in one call: lines are whole, in order, and on disk even if the process dies next.
      appendFileSync(path, `${JSON.stringify(line)}\n`);
    } catch {
      // A log that can't be written does not stop the work.
    }
  };
  return {
    began: (key, stage) => write('began', stage, key),
    ended: (key, stage, how) => write(how, stage, key),
  };
}

/** All lines so far; empty before the first computation. */
export async function readStepLog(home: string): Promise<StepLogLine[]> {
  const text = await readFile(logFile(home), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StepLogLine);
}
