/** The `WorkflowGateway` to campaigns on Temporal. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import {
  abortIterationUpdate,
  acceptFailuresUpdate,
  changeSettingsUpdate,
  extendUpdate,
  pauseSignal,
  resumeSignal,
  retryIterationUpdate,
  statusQuery,
  stopSignal,
} from '../../workflows/messages.ts';
import type { BlockAnswer, RunState, WorkflowGateway } from '../campaigns/gateway.ts';
import { UseCaseError } from '../campaigns/use-case-error.ts';
import type { CampaignInput } from '../protocol/campaign-input.ts';
import { type Request, requestInJournal } from '../protocol/campaign-messages.ts';
import { taskQueueOf } from '../protocol/queues.ts';
import { requireOwn } from '../protocol/refused-payload.ts';
import { campaignWorkflowId } from '../protocol/workflow-ids.ts';
import { connectLazily, type TemporalAccess } from './connect.ts';
import { readLiveActivities } from './live-activities.ts';
import { listOpenReplays, readReplay, replayWorkflowId } from './replay-runs.ts';

export interface TemporalGatewayOptions extends TemporalAccess {
  /** Default: long enough for a restart of the server, short enough for a person who waits. */
  readonly callTimeoutMs?: number;
}

const ANSWERS = {
  retry: retryIterationUpdate,
  accept: acceptFailuresUpdate,
  abort: abortIterationUpdate,
} as const satisfies Record<BlockAnswer, unknown>;

/** A campaign takes no request without an id. The server runs an update of one id once, and forgets it some day. */
const withId = <R extends Request>(request: R): R & { readonly id: string } => ({
  ...request,
  id: request.id ?? randomUUID(),
});
/** An update and its id. */
const asUpdate = <R extends Request>(request: R) => {
  const named = withId(request);
  return { args: [named] as [R], updateId: named.id };
};

const QUERY_TIMEOUT_MS = 3000;
/** Short, because lists should not wait for an unreachable server. */
const RUN_STATE_TIMEOUT_MS = 1000;
const CALL_TIMEOUT_MS = 8000;

/** Time that an ending campaign needs for its last records. */
const ENDING_MS = 1500;
const ENDING_TRIES = 4;

/** Connects on the first call, and reconnects after the server was away. */
export function createTemporalGateway(options: TemporalGatewayOptions): WorkflowGateway {
  const { namespace, callTimeoutMs, dataConverter } = options;
  const converter = dataConverter === undefined ? {} : { dataConverter };
  const connection = connectLazily(options);
  const client = new Client({ connection, namespace, ...converter });
  // The client throws outside of any promise when its channel is closed during a retry delay.
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  const bounded = async <T>(timeoutMs: number, run: () => Promise<T>): Promise<T> => {
    if (isClosed) throw new UseCaseError('unavailable', 'the control process is stopping');
    const running = connection.withDeadline(Date.now() + timeoutMs, run);
    underWay.add(running);
    try {
      return await running;
    } finally {
      underWay.delete(running);
    }
  };
  const call = async <T>(id: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await bounded(callTimeoutMs ?? CALL_TIMEOUT_MS, run);
    } catch (error) {
      throw describe(id, error);
    }
  };
  const handleOf = (id: string) => client.workflow.getHandle(campaignWorkflowId(id));

  const runState = async (workflowId: string): Promise<RunState> => {
    try {
      const { name } = (await client.workflow.getHandle(workflowId).describe()).status;
      return name === 'RUNNING' ? 'running' : name === 'COMPLETED' ? 'completed' : 'failed';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'missing';
      throw error;
    }
  };
  const isOpen = async (id: string) => (await runState(campaignWorkflowId(id))) === 'running';

  const askRunState = async (id: string, workflowId: string): Promise<RunState> => {
    try {
      return await bounded(RUN_STATE_TIMEOUT_MS, () => runState(workflowId));
    } catch (error) {
      throw describe(id, error);
    }
  };

  /** Starts a new run under the campaign's id. */
  const start = (input: CampaignInput) =>
    client.workflow.start('campaign', {
      workflowId: campaignWorkflowId(input.campaignId),
      taskQueue: taskQueueOf('control'),
      args: [input],
    });

  return {
    async startCampaign(input) {
      await call(input.campaignId, () => start(input));
    },
    readRunState: (id) => askRunState(id, campaignWorkflowId(id)),
    readEvaluationState: (id) => askRunState(id, id),
    async pauseCampaign(id, request) {
      await call(id, () => handleOf(id).signal(pauseSignal, withId(request)));
    },
    async resumeCampaign(id, request) {
      await call(id, () => handleOf(id).signal(resumeSignal, withId(request)));
    },
    async stopCampaign(id, when, request) {
      await call(id, () => handleOf(id).signal(stopSignal, { ...withId(request), when }));
    },
    async extendCampaign(id, request, goOn) {
      return await call(id, async () => {
        if (!(await isOpen(id))) return await startAgain(id, request, goOn);
        try {
          const extended = await handleOf(id).executeUpdate(extendUpdate, asUpdate(request));
          return requireOwn('the answer', extended).iterationsPlanned;
        } catch (error) {
          // An ending campaign rejects updates after its last record. Once it has ended, it is extended by a new run.
          await sleep(ENDING_MS);
          if (await isOpen(id)) throw error;
          return await startAgain(id, request, goOn);
        }
      });
    },
    async answerBlock(id, answer, request) {
      await call(id, () => handleOf(id).executeUpdate(ANSWERS[answer], asUpdate(request)));
    },
    async changeSettings(id, request) {
      const changing = () => handleOf(id).executeUpdate(changeSettingsUpdate, asUpdate(request));
      return requireOwn('the answer', await call(id, changing));
    },
    async startReplay(input) {
      const workflowId = replayWorkflowId(input);
      await call(workflowId, () =>
        client.workflow.start('replay', {
          workflowId,
          taskQueue: taskQueueOf('control'),
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      );
      return workflowId;
    },
    readReplay: (id) => call(id, () => readReplay(client, id)),
    listOpenReplays: () => call('', () => listOpenReplays(client)),
    async readStatus(id) {
      try {
        return await bounded(QUERY_TIMEOUT_MS, async () => {
          const view = requireOwn('the status', await handleOf(id).query(statusQuery));
          return { ...view, ...(await readLiveActivities(client, view)) };
        });
      } catch {
        return undefined;
      }
    },
    async startEvaluation(request, hasFailed) {
      const { workflowId } = request;
      const startIt = () =>
        call(workflowId, () =>
          client.workflow.start('evaluation', {
            workflowId,
            taskQueue: taskQueueOf('control'),
            args: [request],
            // A completed evaluation is not repeated; a failed or cancelled one may be requested again.
            workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          }),
        );
      for (let tries = hasFailed ? ENDING_TRIES : 1; tries > 0; tries -= 1) {
        try {
          await startIt();
          return;
        } catch (error) {
          if (!(error instanceof UseCaseError && error.cause instanceof WorkflowExecutionAlreadyStartedError))
            throw error;
          if (tries > 1) await sleep(ENDING_MS);
        }
      }
    },
    async cancelEvaluation(id) {
      await call(id, async () => {
        await client.workflow.getHandle(id).cancel();
      }).catch((error: unknown) => {
        if (!(error instanceof UseCaseError && error.cause instanceof WorkflowNotFoundError)) throw error;
        throw new UseCaseError('conflict', `evaluation "${id}" has ended; there is nothing to cancel`);
      });
    },
    async check() {
      await bounded(QUERY_TIMEOUT_MS, () => connection.workflowService.describeNamespace({ namespace }));
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
      await connection.close();
    },
  };

  /**
   * Starts a new run from the state of the last one in the artifact store, because the server's history may be lost.
   */
  async function startAgain(
    id: string,
    request: Request & { readonly iterations: number },
    goOn: () => Promise<CampaignInput | undefined>,
  ): Promise<number> {
    const input = await goOn();
    if (input?.state === undefined) {
      throw new UseCaseError(
        'conflict',
        `campaign "${id}" ended before its start was ready, so there is nothing to extend; start a new one`,
      );
    }
    const seen = input.seenRequests ?? [];
    if (request.id !== undefined && seen.includes(request.id))
      return input.iterationsPlanned ?? input.state.iterationsPlanned;
    const iterationsPlanned = input.state.iterationsDone + request.iterations;
    const { iterations } = request;
    const details = { ...requestInJournal(request), iterations, iterationsPlanned, restarts: true };
    await start({
      ...input,
      iterationsPlanned,
      paused: false,
      stopsAfterIteration: false,
      seenRequests: request.id === undefined ? seen : [...seen, request.id],
      begunBy: { kind: 'extended', details },
    });
    return iterationsPlanned;
  }
}

/** Converts an error of the Temporal client into a message for callers. */
function describe(id: string, error: unknown): Error {
  if (error instanceof UseCaseError) return error;
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    return new UseCaseError('conflict', `campaign "${id}" is running already`, { cause: error });
  }
  if (error instanceof WorkflowNotFoundError) {
    return new UseCaseError(
      'conflict',
      `campaign "${id}" is not running, so it takes no messages; \`campaign recover\` continues a lost campaign, \`campaign extend\` an ended one`,
      { cause: error },
    );
  }
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError) {
    return new UseCaseError('conflict', error.cause?.message ?? error.message);
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return new UseCaseError(
      'unavailable',
      `campaign "${id}" did not answer in time: its worker is busy or not running; \`whencode doctor\` says what is wrong`,
    );
  }
  const cause = error instanceof ServiceError ? error.cause : error;
  if (isGrpcServiceError(cause)) {
    const message = `Temporal does not answer (${cause.details || cause.message}); \`whencode doctor\` says what is wrong`;
    return new UseCaseError('unavailable', message);
  }
  return error instanceof Error ? error : new Error(String(error));
}
