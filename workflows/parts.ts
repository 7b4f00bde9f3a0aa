/**
 * The activities of sampling, sandbox and training, whose workers may be absent: not started, or on a machine that is
 * down. A task that no worker takes within the part's time is scheduled again while a worker answers (the queue is
 * long, or the tasks before it are), and fails when none does.
 */
import { ActivityFailure, ApplicationFailure, proxyActivities, TimeoutFailure } from '@temporalio/workflow';
import type {
  AliveActivities,
  SampleActivities,
  SandboxActivities,
  TrainActivities,
} from '../src/protocol/activities.ts';
import { aliveQueueOf, type Purpose, taskQueueOf, type WorkerRole } from '../src/protocol/queues.ts';
import { partOptions } from './policies.ts';

export interface Parts {
  readonly sampling: SampleActivities;
  readonly sandbox: SandboxActivities;
  readonly training: TrainActivities;
}

type Part = Exclude<WorkerRole, 'control'>;

export function partsFor(purpose: Purpose, patienceMs: number): Parts {
  const optionsOf = (role: Part, taskQueue: string) => ({
    ...partOptions[role],
    taskQueue,
    scheduleToStartTimeout: patienceMs,
  });
  const sampling = proxyActivities<Parts['sampling']>(optionsOf('sample', taskQueueOf('sample', purpose)));
  const sandbox = proxyActivities<Parts['sandbox']>(optionsOf('sandbox', taskQueueOf('sandbox', purpose)));
  const training = proxyActivities<Parts['training']>(optionsOf('train', taskQueueOf('train')));
  return {
    sampling: {
      sampleTurn: untilTaken(sampling.sampleTurn, 'sample', patienceMs),
      replaySampling: untilTaken(sampling.replaySampling, 'sample', patienceMs),
    },
    sandbox: {
      executeTurn: untilTaken(sandbox.executeTurn, 'sandbox', patienceMs),
      executeFailed: untilTaken(sandbox.executeFailed, 'sandbox', patienceMs),
      executeBatch: untilTaken(sandbox.executeBatch, 'sandbox', patienceMs),
      settleGrades: untilTaken(sandbox.settleGrades, 'sandbox', patienceMs),
      replayExecutions: untilTaken(sandbox.replayExecutions, 'sandbox', patienceMs),
    },
    training: {
      resolveModel: untilTaken(training.resolveModel, 'train', patienceMs),
      prepareWarmUp: untilTaken(training.prepareWarmUp, 'train', patienceMs),
      warmUp: untilTaken(training.warmUp, 'train', patienceMs),
      probeSampling: untilTaken(training.probeSampling, 'train', patienceMs),
      trainIteration: untilTaken(training.trainIteration, 'train', patienceMs),
      replayTraining: untilTaken(training.replayTraining, 'train', patienceMs),
    },
  };
}

/**
 * The activity, scheduled again for as long as its task waits in the queue of a worker that answers.
 * @throws ApplicationFailure `no-worker` where none answers within `patienceMs`
 */
function untilTaken<Input, Output>(
  call: (input: Input) => Promise<Output>,
  role: Part,
  patienceMs: number,
): (input: Input) => Promise<Output> {
  return async (input) => {
    for (;;) {
      try {
        return await call(input);
      } catch (error) {
        if (!isUntaken(error)) throw error;
        if (!(await isAlive(role, patienceMs))) throw absence(error.activityType, role, patienceMs);
      }
    }
  };
}

/** Patience for the answer: a worker may block its thread for some seconds to read or write a training set. */
const ANSWER_MS = 20_000;

const isUntaken = (error: unknown): error is ActivityFailure =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === 'SCHEDULE_TO_START';

async function isAlive(role: Part, patienceMs: number): Promise<boolean> {
  const { isAlive: ask } = proxyActivities<AliveActivities>({
    taskQueue: aliveQueueOf(role),
    scheduleToCloseTimeout: Math.min(ANSWER_MS, patienceMs),
    retry: { maximumAttempts: 1 },
  });
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ActivityFailure && error.cause instanceof TimeoutFailure) return false;
    throw error;
  }
}

const absence = (activity: string, role: Part, patienceMs: number): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `${activity}: no worker took it in ${Number((patienceMs / 60_000).toPrecision(2))} min; is the ${role} worker running?`,
    'no-worker',
  );
