/** Hands records to a tracker's own library, in a Python process that ends when they are written. */
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TrackerName } from '../config/tracker-names.ts';
import type { ReportRecord } from './records.ts';

const PYTHON_DIRECTORY = fileURLToPath(new URL('../tracking/python', import.meta.url));
const LONGEST_COMPLAINT = 400;

export interface Batch {
  readonly run: {
    readonly tracker: TrackerName;
    readonly project: string;
    /** Identifies the run in an account. */
    readonly id: string;
    /** For people. */
    readonly name: string;
    /** What the tracker keeps on this machine. */
    readonly directory: string;
    readonly config: unknown;
  };
  readonly records: readonly ReportRecord[];
  /** Nothing more comes for this run. */
  readonly ended: boolean;
}

export type SendBatch = (batch: Batch, signal: AbortSignal) => Promise<void>;

/** @throws Error with the last line of what the library said, if it did not take the records */
export async function sendBatch(
  python: string,
  environment: Readonly<Record<string, string>>,
  batch: Batch,
  signal: AbortSignal,
): Promise<void> {
  const { directory } = batch.run;
  await mkdir(directory, { recursive: true });
  // `-P`: nothing is imported from the folder, which holds what libraries write.
  const child = spawn(python, ['-s', '-P', '-m', 'whencode_report'], {
    cwd: directory,
    env: { ...environment, PYTHONPATH: PYTHON_DIRECTORY, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'ignore', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(batch));
  const [code, said] = await Promise.all([ended, text(child.stderr)]);
  if (code === 0) return;
  const complaint = withoutPasswords(said.trim().split('\n').at(-1) ?? '');
  throw new Error(`its library ended with ${code}: ${complaint.slice(0, LONGEST_COMPLAINT) || 'no message'}`);
}

/** @example withoutPasswords('https://ada:secret@host/ is away'); // https://…@host/ is away */
const withoutPasswords = (message: string): string =>
  message.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]*@/gi, '$1…@');
