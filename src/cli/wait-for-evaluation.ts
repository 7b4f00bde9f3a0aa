import { type ApiClient, ask, inPath } from '../api/client.ts';
import { ClientError } from '../api/client-error.ts';
import type { EvaluationView } from '../db/views.ts';
import { follow } from '../process/follow.ts';
import { CommandFailure } from './exit.ts';

const POLL_MS = 1000;
const AWAY_LIMIT_MS = 10 * 60_000;

export const showEvaluation = async (api: ApiClient, id: string): Promise<EvaluationView> =>
  (await ask(api.evaluations[':id{.+}'].$get({ param: inPath({ id }) }))).evaluation;

/** Resolves with the ended evaluation, whatever its end. @throws CommandFailure if Temporal has lost it */
export function waitForEvaluation(api: ApiClient, id: string): Promise<EvaluationView> {
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
    // A control process that restarts is back within seconds.
    mayPass: (error) => error instanceof ClientError && error.code === 'unreachable',
    awayLimitMs: AWAY_LIMIT_MS,
  });
}
