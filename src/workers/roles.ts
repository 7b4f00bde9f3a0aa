/** The worker processes other than control: each has a queue of its own and the real parts it needs. */
import { createSampleActivities } from '../../activities/sample.ts';
import { createSandboxActivities } from '../../activities/sandbox.ts';
import { createTrainActivities, type TrainDeps } from '../../activities/train.ts';
import { readImageDescription } from '../../infra/setup/sandbox-image.mjs';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { Environment } from '../config/environment.ts';
import { TESTBED_MODEL_CONFIG, writeTestbedTokenizer } from '../datasets/testbed/model.ts';
import { openGpuLease } from '../process/gpu-lease.ts';
import { openHomeStore } from '../process/home-store.ts';
import { logLine } from '../process/log-line.ts';
import { gpusPath, logPath, scratchPath } from '../process/paths.ts';
import { freePort } from '../process/port.ts';
import { createStepLog } from '../process/step-log.ts';
import type { WorkerRole } from '../protocol/queues.ts';
import { createEngines, type Engines } from '../sampler/engines.ts';
import { createOnnxSampler } from '../sampler/onnx-sampler.ts';
import { createServedEngines } from '../sampler/served/engines.ts';
import { leaseEngines } from '../sampler/served/leased-engines.ts';
import { startServedSampler } from '../sampler/served/own-server.ts';
import { readTokenizer } from '../sampler/tokenizer.ts';
import { createSandbox } from '../sandbox/create-sandbox.ts';
import type { ExecutionLimits, Sandbox } from '../sandbox/types.ts';
import type { TemporalAccess } from '../temporal/connect.ts';
import { encryptingConverter } from '../temporal/payload-codec.ts';
import { readPayloadKey } from '../temporal/payload-key.ts';
import type { TemporalServer } from '../temporal/server.ts';
import { type RunningWorker, startWorker } from '../temporal/worker.ts';
import type { Tracker } from '../tracking/tracker.ts';
import { openTrackers } from '../tracking/trackers.ts';
import { runTrainer } from '../trainer/launcher.ts';
import { leaseTrainer } from '../trainer/leased-trainer.ts';
import { sweepTrainings } from '../trainer/training-folder.ts';

export type RemoteRole = Exclude<WorkerRole, 'control'>;

/**
 * Concurrent turns. A turn that waits for its last long rollout, or reads its blobs, doesn't idle the engine's threads.
 */
const SAMPLE_CONCURRENCY = 4;
/**
 * Concurrent turns of evaluations, in addition to those of campaigns. The engine shares its threads equally among
 * turns, so an evaluation gets up to a third of them while a campaign runs, else all. Neither waits behind the other's
 * queue.
 */
const SAMPLE_EVALUATION_CONCURRENCY = 2;
/** Concurrent turns; the pool's slots bound what runs in parallel. */
const SANDBOX_CONCURRENCY = 4;
const SANDBOX_EVALUATION_CONCURRENCY = 2;

/** Starts the role's worker on the home folder's store. Its `shutdown` also closes engines and containers. */
export async function startRole(
  role: RemoteRole,
  options: { readonly server: TemporalServer; readonly environment: Environment },
): Promise<RunningWorker> {
  const { server, environment } = options;
  const temporal = { ...server, dataConverter: encryptingConverter(await readPayloadKey(environment)) };
  const observer = createStepLog(environment.home, role);
  const store = await openHomeStore(environment.home, environment, observer);
  switch (role) {
    case 'sample':
      return startSample(temporal, store, environment);
    case 'sandbox':
      return startSandbox(temporal, store, environment);
    case 'train':
      return startTrain(temporal, store, environment);
  }
}

async function startTrain(
  temporal: TemporalAccess,
  store: ArtifactStore,
  environment: Environment,
): Promise<RunningWorker> {
  const { home } = environment;
  await sweepTrainings(scratchPath(home));
  const followers = openTrackers(environment, (message) => logLine(`${new Date().toISOString()} train: ${message}`));
  const activities = trainActivities(store, environment, followers);
  const worker = await startWorker({ role: 'train', ...temporal, home, concurrency: 1, activities });
  return closingAfter(worker, () => followers.close());
}

async function startSample(
  temporal: TemporalAccess,
  store: ArtifactStore,
  environment: Environment,
): Promise<RunningWorker> {
  const engines = openEngines(store, environment);
  const activities = createSampleActivities({ store, engines });
  const worker = await startWorker({
    role: 'sample',
    ...temporal,
    home: environment.home,
    concurrency: SAMPLE_CONCURRENCY,
    evaluationConcurrency: SAMPLE_EVALUATION_CONCURRENCY,
    activities,
  });
  return closingAfter(worker, () => engines.close());
}

function openEngines(store: ArtifactStore, environment: Environment): Engines {
  const { home, samplerServer: command, samplerGpus: gpus, samplerSequences: sequences } = environment;
  if (command === undefined)
    return createEngines(store, {
      openSampler: (modelDirectory, options) => createOnnxSampler({ modelDirectory, ...options }),
      readTokenizer,
    });
  const logFile = logPath(home, 'sampler-server');
  const lease = gpus === undefined ? undefined : openGpuLease({ folder: gpusPath(home), gpus });
  const engines = createServedEngines(store, {
    openServer: async (modelDirectory, servedName) =>
      startServedSampler({
        command,
        modelDirectory,
        servedName,
        logFile,
        port: await freePort(undefined),
        ...(gpus === undefined ? {} : { gpus }),
        ...(lease === undefined ? {} : { onProcess: lease.nameUser }),
        ...(sequences === undefined ? {} : { maxSequences: sequences * (gpus?.length ?? 1) }),
      }),
    readTokenizer,
    onNote: (note) => logLine(`${new Date().toISOString()} sample: ${note}`),
  });
  return lease === undefined ? engines : leaseEngines(engines, lease);
}

async function startSandbox(
  temporal: TemporalAccess,
  store: ArtifactStore,
  { sandboxHosts, home }: Environment,
): Promise<RunningWorker> {
  const { name: image } = await readImageDescription();
  const pools = new Map<string, Promise<Sandbox>>();
  const open = async (limits: ExecutionLimits): Promise<Sandbox> =>
    createSandbox({ image, limits, ...(sandboxHosts === undefined ? {} : { dockerHost: sandboxHosts }) });
  const sandboxFor = (limits: ExecutionLimits): Promise<Sandbox> => {
    const key = JSON.stringify(limits);
    const known = pools.get(key);
    if (known !== undefined) return known;
    const pool = open(limits);
    pools.set(key, pool);
    // A sandbox that failed to open is opened again on the next request.
    pool.catch(() => pools.delete(key));
    return pool;
  };
  const activities = createSandboxActivities({ store, sandboxFor });
  const worker = await startWorker({
    role: 'sandbox',
    ...temporal,
    home,
    concurrency: SANDBOX_CONCURRENCY,
    evaluationConcurrency: SANDBOX_EVALUATION_CONCURRENCY,
    activities,
  });
  return closingAfter(worker, async () => {
    await Promise.allSettled([...pools.values()].map(async (pool) => (await pool).close()));
  });
}

function trainActivities(
  store: ArtifactStore,
  { home, python, trainerGpus: gpus }: Environment,
  followers: Required<Tracker>,
) {
  const deps: TrainDeps = {
    store,
    followers,
    python,
    scratch: scratchPath(home),
    runTrainer:
      gpus === undefined ? runTrainer : leaseTrainer(runTrainer, openGpuLease({ folder: gpusPath(home), gpus }), gpus),
    readTokenizer,
    testbedModel: {
      config: TESTBED_MODEL_CONFIG,
      writeTokenizer: (directory) => writeTestbedTokenizer(python, directory),
    },
  };
  return createTrainActivities(deps);
}

function closingAfter(worker: RunningWorker, close: () => Promise<void>): RunningWorker {
  return {
    ended: worker.ended,
    async shutdown() {
      await worker.shutdown();
      await close();
    },
  };
}
