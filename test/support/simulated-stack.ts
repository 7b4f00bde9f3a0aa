/** Workflows, activities and store for real, in one process, over simulated parts and a Temporal dev server. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createControlActivities } from '../../activities/control.ts';
import { createSampleActivities } from '../../activities/sample.ts';
import { createSandboxActivities } from '../../activities/sandbox.ts';
import { createTrainActivities, type TrainDeps } from '../../activities/train.ts';
import { openStore } from '../../src/artifacts/open-store.ts';
import type { ArtifactStore, StepObserver } from '../../src/artifacts/types.ts';
import { findRollback } from '../../src/campaigns/find-rollback.ts';
import type { RecordsDeps } from '../../src/campaigns/records.ts';
import { type CampaignConfig, campaignSchema } from '../../src/config/campaign.ts';
import { databaseTracker } from '../../src/db/apply-journal.ts';
import type { Database } from '../../src/db/database.ts';
import type { CampaignInput } from '../../src/protocol/campaign-input.ts';
import type { Fact } from '../../src/protocol/facts.ts';
import { taskQueueOf, WORKER_ROLES, type WorkerRole } from '../../src/protocol/queues.ts';
import { campaignWorkflowId } from '../../src/protocol/workflow-ids.ts';
import { createEngines } from '../../src/sampler/engines.ts';
import { createGrading, type Grading } from '../../src/scoring/rules-scorer.ts';
import type { TemporalAccess } from '../../src/temporal/connect.ts';
import { type RunningWorker, startWorker } from '../../src/temporal/worker.ts';
import { bundleWorkflows } from '../../src/temporal/workflow-bundle.ts';
import { collectorOf, waitForEvaluation } from '../../src/workers/control-worker.ts';
import { createProblemResolver } from '../../src/workers/problems.ts';
import { tinyModelConfig } from './model-config.ts';
import { characterTokenizer, createSimulatedParts, type SimulatedParts } from './simulated-parts.ts';
import { startTestServer, TEST_CONVERTER } from './temporal.ts';

export interface SimulatedStackOptions {
  /** Of an earlier stack, whose store and inputs are there. */
  readonly folder?: string;
  readonly parts?: SimulatedParts;
  /** Is appended what `facts` is appended, and the journal's other entries. */
  readonly db?: Database;
  readonly observer?: StepObserver;
  /** Default: in the folder. */
  readonly store?: ArtifactStore;
  /** Payloads are encrypted but for recorded histories, which are read without a key. */
  readonly isPlain?: boolean;
}

export interface SimulatedStack {
  readonly server: TestWorkflowEnvironment;
  readonly address: string;
  /** The access of its clients and workers to the server. */
  readonly temporal: TemporalAccess & { readonly namespace: string };
  readonly folder: string;
  readonly client: Client;
  readonly store: ArtifactStore;
  /** Where the store keeps the campaigns' journals, a folder each. */
  readonly journals: string;
  readonly parts: SimulatedParts;
  /** Everything that workflows appended the database, in order. */
  readonly facts: Fact[];
  /** A valid configuration over eight sums; the rest as given. */
  configure(name: string, change?: Partial<CampaignConfig>): CampaignConfig;
  start(config: CampaignConfig, input?: Partial<CampaignInput>): ReturnType<typeof startCampaign>;
  /** Ends the role's worker; the returned function starts another. */
  stopWorker(role: WorkerRole): Promise<() => Promise<void>>;
  /** The server's record goes; the store stays where it is asked for. */
  stop(options?: { readonly keepsFolder?: boolean }): Promise<void>;
}

const startCampaign = (client: Client, input: CampaignInput) =>
  client.workflow.start('campaign', {
    workflowId: campaignWorkflowId(input.campaignId),
    taskQueue: taskQueueOf('control'),
    args: [input],
  });

export async function startSimulatedStack(options: SimulatedStackOptions = {}): Promise<SimulatedStack> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'stack-')));
  const dataConverter = options.isPlain === true ? undefined : TEST_CONVERTER;
  const server = await startTestServer(dataConverter);
  const store = options.store ?? (await openStore(join(folder, 'store'), { observer: options.observer }));
  const parts = options.parts ?? createSimulatedParts();
  const facts: Fact[] = [];
  const { db } = options;
  const records: RecordsDeps = {
    store,
    database: {
      async facts(appended) {
        facts.push(...appended);
        if (db !== undefined) await databaseTracker(db).facts(appended);
      },
      async note(campaignId, entry) {
        if (db !== undefined) await databaseTracker(db).note(campaignId, entry);
      },
    },
  };
  const address = addressOf(server);
  const temporal = { address, namespace: 'default', dataConverter };
  const startRole = await roleStarter(server, temporal, records, parts, folder, db);
  const workers = new Map(await Promise.all(WORKER_ROLES.map(async (role) => [role, await startRole(role)] as const)));
  const { model, training, held } = await writeInputs(folder);
  return {
    server,
    address,
    temporal,
    folder,
    client: server.client,
    store,
    journals: join(folder, 'store', 'journals'),
    parts,
    facts,
    configure: (name, change = {}) => ({
      ...campaignSchema.parse({
        name,
        model,
        template: 'testbed',
        iterations: 2,
        problems: [{ from: training }],
        problemsPerIteration: 4,
        sampling: { samplesPerArm: 4, maxNewTokens: 64, maxTurns: 2, problemsPerShard: 2, shardsInFlight: 2 },
        evaluations: [{ suite: 'held', problems: { from: held } }],
      }),
      ...change,
    }),
    start: (config, input = {}) => startCampaign(server.client, { campaignId: config.name, config, ...input }),
    async stopWorker(role) {
      await workers.get(role)?.shutdown();
      return async () => void workers.set(role, await startRole(role));
    },
    async stop({ keepsFolder = false } = {}) {
      await Promise.all([...workers.values()].map((worker) => worker.shutdown()));
      await server.teardown();
      if (!keepsFolder) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function refuseToCollect(): Promise<void> {
  throw new Error('this stack has no database that says which checkpoints there are');
}

function addressOf(server: TestWorkflowEnvironment): string {
  const { address, options } = server.connection as unknown as { address?: string; options: { address: string } };
  return address ?? options.address;
}

let bundling: ReturnType<typeof bundleWorkflows> | undefined;

/** Once a process: it takes seconds. */
function bundled(): ReturnType<typeof bundleWorkflows> {
  bundling ??= bundleWorkflows();
  return bundling;
}

async function roleStarter(
  server: TestWorkflowEnvironment,
  temporal: SimulatedStack['temporal'],
  records: RecordsDeps,
  parts: SimulatedParts,
  folder: string,
  db: Database | undefined,
): Promise<(role: WorkerRole) => Promise<RunningWorker>> {
  const { store } = records;
  const at = { ...temporal, concurrency: 8 };
  const engines = createEngines(store, {
    openSampler: parts.openSampler,
    readTokenizer: async () => characterTokenizer,
  });
  const control = createControlActivities({
    ...records,
    resolveProblems: createProblemResolver({ dataDirectory: undefined, cacheDirectory: folder }),
    grading: gradingOf(parts),
    findRollback: async (input) => (db === undefined ? null : findRollback(db, input)),
    collectCheckpoints: db === undefined ? refuseToCollect : collectorOf({ db, store }, server.client),
    waitForEvaluation: (workflowId, signal) => waitForEvaluation(server.client, workflowId, signal),
  });
  const training: TrainDeps = {
    store,
    python: 'python3',
    scratch: join(folder, 'scratch'),
    runTrainer: parts.runTrainer,
    readTokenizer: async () => characterTokenizer,
    testbedModel: {
      config: tinyModelConfig(),
      writeTokenizer: async (directory) => void (await mkdir(directory, { recursive: true })),
    },
  };
  const options = {
    control: { activities: control, workflowBundle: await bundled() },
    sample: {
      evaluationConcurrency: 2,
      activities: createSampleActivities({ store, engines }),
    },
    sandbox: {
      evaluationConcurrency: 2,
      activities: createSandboxActivities({ store, sandboxFor: parts.sandboxFor }),
    },
    train: { activities: createTrainActivities(training) },
  } satisfies Record<WorkerRole, object>;
  return (role) => startWorker({ ...at, ...options[role], role });
}

/** The real grader, but for the responses that the parts make it throw at. */
function gradingOf(parts: SimulatedParts): Grading {
  const real = createGrading();
  return {
    ...real,
    get fingerprint() {
      return parts.graderFingerprint ?? real.fingerprint;
    },
    graderOf: (problem, conventions) => {
      const grade = real.graderOf(problem, conventions);
      return (response) => {
        if (parts.graderThrowsAt(response)) throw new RangeError('the grader lost its way');
        return grade(response);
      };
    },
  };
}

async function writeInputs(folder: string) {
  const model = join(folder, 'model');
  await mkdir(model, { recursive: true });
  await writeFile(join(model, 'config.json'), JSON.stringify(tinyModelConfig()));
  const sums = (from: number, count: number): string =>
    Array.from({ length: count }, (_, index) => {
      const left = from + index;
      return JSON.stringify({ id: `sum-${left}`, problem: `${left}+7`, answer: `${left + 7}` });
    }).join('\n');
  const training = join(folder, 'training.jsonl');
  const held = join(folder, 'held.jsonl');
  await writeFile(training, sums(1, 8));
  await writeFile(held, sums(50, 5));
  return { model, training, held };
}
