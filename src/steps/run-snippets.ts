/**
 * Runs snippets until each has a result that is due to its code, or the retries are used up. A probe distinguishes two
 * cases. A sandbox that runs the probe but not this code gets TRIES attempts. A sandbox that runs nothing is unavailable
 * and is waited for.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionRequest, ExecutionResult, Sandbox } from '../sandbox/types.ts';
import type { StepContext } from './step-context.ts';
import { named, StepFailure } from './step-failure.ts';

const TRIES = 3;
// A container that died is replaced within a second or two.
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/** One result per request, in order; `infrastructure` for snippets that could not be run within `patienceMs`. */
export async function runSnippets(
  sandbox: Pick<Sandbox, 'run'>,
  requests: readonly ExecutionRequest[],
  patienceMs: number,
  { signal, report, waitFor }: StepContext,
): Promise<ExecutionResult[]> {
  const results = new Map<string, ExecutionResult>();
  const giveUpAt = Date.now() + patienceMs;
  let left = requests;
  let tries = 0;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    let done = requests.length - left.length;
    const onResult = (): void => {
      done += 1;
      report({ done, total: requests.length, unit: 'executions' });
    };
    for (const result of await named('sandbox-unavailable', () => sandbox.run(left, { signal, onResult })))
      results.set(result.id, result);
    const before = left.length;
    left = left.filter(({ id }) => results.get(id)?.end === 'infrastructure');
    if (left.length === 0) break;
    const cause = left.length < before ? undefined : await causeOfSilence(sandbox, signal);
    if (cause === undefined) tries += 1;
    else waitFor?.(cause);
    if (tries >= TRIES || Date.now() >= giveUpAt) break;
    await sleep(Math.min(pauseMs, Math.max(0, giveUpAt - Date.now())), undefined, { signal });
  }
  return requests.map(({ id }) => {
    const result = results.get(id);
    if (result === undefined) throw new StepFailure('sandbox-unavailable', `the sandbox returned nothing for ${id}`);
    return result;
  });
}

/** Why the sandbox runs nothing; undefined where it runs code that no cache holds. */
async function causeOfSilence(sandbox: Pick<Sandbox, 'run'>, signal: AbortSignal): Promise<string | undefined> {
  const probe = { id: 'probe', previousBlocks: [], code: `print("${randomUUID()}")`, seed: 0 };
  const [result] = await named('sandbox-unavailable', () => sandbox.run([probe], { signal }));
  return result?.end === 'ok' ? undefined : (result?.cause ?? 'the sandbox does not run its probe');
}

/** Opens a sandbox, with retries. Throws the last error after `patienceMs`. */
export async function openPatiently(
  open: () => Promise<Sandbox>,
  patienceMs: number,
  { signal, waitFor }: Pick<StepContext, 'signal' | 'waitFor'>,
): Promise<Sandbox> {
  const giveUpAt = Date.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await open();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (Date.now() >= giveUpAt) throw new StepFailure('part-away', `the sandbox can't be opened: ${message}`, error);
      waitFor?.(message);
    }
    await sleep(Math.min(pauseMs, Math.max(0, giveUpAt - Date.now())), undefined, { signal });
  }
}
