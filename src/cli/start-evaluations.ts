/** `eval start`: one suite with all its figures, or several suites as a table. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { type ApiClient, ask, inPath } from '../api/client.ts';
import { ClientError } from '../api/client-error.ts';
import type { EvaluationAsked } from '../campaigns/evaluation-request.ts';
import { absoluteSource } from '../config/problem-source.ts';
import type { EvaluationView } from '../db/views.ts';
import { follow } from '../process/follow.ts';
import type { Answer } from './client-command.ts';
import { CommandFailure } from './exit.ts';
import { renderEvaluation, renderEvaluationList } from './render-evaluation.ts';
import { whileWaiting } from './while-waiting.ts';

export interface SuiteAsked {
  readonly suite: string;
  /** Rollouts a problem and arm. */
  readonly samples?: number;
}

/** Parser of `math500:4,aime24:16,gsm8k`. */
export function parseSuites(text: string): SuiteAsked[] {
  return text.split(',').map((item) => {
    const [, suite = '', samples] = /^([^:]+?)(?::(\d{1,4}))?$/.exec(item.trim()) ?? [];
    if (suite === '' || samples === '0')
      throw new InvalidArgumentError(
        `"${item}": give SUITE or SUITE:SAMPLES, with commas between, e.g. math500:4,aime24`,
      );
    return { suite, ...(samples === undefined ? {} : { samples: Number(samples) }) };
  });
}

/** What of the request is the same for every suite. */
export type SharedRequest = Omit<EvaluationAsked, 'suite'>;

/** Starts the evaluations one after the other, and waits for them if asked to. */
export async function startEvaluations(
  api: ApiClient,
  shared: SharedRequest,
  suites: readonly SuiteAsked[],
  isWaiting: boolean,
): Promise<Answer> {
  const ids: string[] = [];
  for (const { suite, ...samples } of suites) {
    const json = { ...withAbsoluteFolder(shared), ...samples, suite: absoluteSource(suite, '.') };
    ids.push((await ask(api.evaluations.$post({ json })).catch(nameStarted(ids))).id);
  }
  const isOne = ids.length === 1;
  if (!isWaiting)
    return {
      json: isOne ? { id: ids[0] } : ids.map((id) => ({ id })),
      text: ids.map((id) => `${id} has started; \`whencode eval show ${id}\``).join('\n'),
    };
  const what = isOne ? `${ids[0]} runs` : `${ids.length} evaluations run`;
  const ended = await whileWaiting(what, Promise.all(ids.map((id) => waitForEvaluation(api, id))));
  const [first] = ended;
  const failures = ended.flatMap(({ id, status, reason }) =>
    status === 'failed' ? [`${id} failed: ${reason ?? 'no reason given'}`] : [],
  );
  return {
    json: isOne ? first : ended,
    text: isOne && first !== undefined ? renderEvaluation(first) : renderEvaluationList(ended),
    failure: failures.length === 0 ? undefined : failures.join('\n'),
  };
}

/** The evaluations before a refused one run on. */
const nameStarted =
  (ids: readonly string[]) =>
  (error: unknown): never => {
    if (!(error instanceof ClientError) || ids.length === 0) throw error;
    throw new ClientError(error.code, `${error.message}\nbefore that, these have started: ${ids.join(', ')}`);
  };

/** The control process may run in another folder. */
function withAbsoluteFolder(shared: SharedRequest): SharedRequest {
  const { checkpoint } = shared;
  const isFolder =
    checkpoint !== undefined && (/^[./~]/.test(checkpoint) || existsSync(join(checkpoint, 'config.json')));
  return isFolder ? { ...shared, checkpoint: resolve(checkpoint) } : shared;
}

const POLL_MS = 1000;

function waitForEvaluation(api: ApiClient, id: string): Promise<EvaluationView> {
  let timesLost = 0;
  return follow({
    ask: () => showEvaluation(api, id),
    endOf: (found) => {
      if (found.status !== 'running') return found;
      // It is recorded a moment before Temporal knows it.
      timesLost = found.lost === true ? timesLost + 1 : 0;
      if (timesLost > 2)
        throw new CommandFailure(`Temporal has lost ${id}; asked for again it goes on from its finished shards`);
      return undefined;
    },
    pause: POLL_MS,
  });
}

export const showEvaluation = async (api: ApiClient, id: string): Promise<EvaluationView> =>
  (await ask(api.evaluations[':id{.+}'].$get({ param: inPath({ id }) }))).evaluation;
