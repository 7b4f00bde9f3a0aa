import { formatSeconds } from '../formats/for-people.ts';
import { printError } from './terminal.ts';

const EVERY_MS = 30_000;

/**
 * Says every half minute that something still runs, beside the answer, until it ends.
 *
 * @param what e.g. `eval/… runs`; followed by the time so far
 */
export async function whileWaiting<T>(what: string, running: Promise<T>, everyMs = EVERY_MS): Promise<T> {
  const beganMs = performance.now();
  const timer = setInterval(() => {
    printError(
      `${what}, for ${formatSeconds((performance.now() - beganMs) / 1000)} so far; Ctrl-C ends this command alone`,
    );
  }, everyMs);
  try {
    return await running;
  } finally {
    clearInterval(timer);
  }
}
