/** `eval start`: one suite with all its figures, or several suites as a table. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { type ApiClient, ask } from '../api/client.ts';
import type { EvaluationAsked } from '../campaigns/evaluation-request.ts';
import { absoluteSource } from '../config/problem-source.ts';
import type { Answer } from './client-command.ts';
import { renderEvaluation, renderEvaluationList } from './render-evaluation.ts';
import { waitForEvaluation } from './wait-for-evaluation.ts';
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

/** Starts the evaluations, once all of them are found valid, and waits for them if asked to. */
export async function startEvaluations(
  api: ApiClient,
  shared: SharedRequest,
  suites: readonly SuiteAsked[],
  isWaiting: boolean,
): Promise<Answer> {
  const evaluations = suites.map(({ suite, ...samples }) => ({
    ...withAbsoluteFolder(shared),
    ...samples,
    suite: absoluteSource(suite, '.'),
  }));
  const { ids } = await ask(api.evaluations.batch.$post({ json: { evaluations } }));
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

/** The control process may run in another folder. */
function withAbsoluteFolder(shared: SharedRequest): SharedRequest {
  const { checkpoint } = shared;
  const isFolder =
    checkpoint !== undefined && (/^[./~]/.test(checkpoint) || existsSync(join(checkpoint, 'config.json')));
  return isFolder ? { ...shared, checkpoint: resolve(checkpoint) } : shared;
}
