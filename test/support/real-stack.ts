/** Every part for real in one process, with the parts that a test wants to spoil wrapped. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createControlActivities } from '../../activities/control.ts';
import { createSampleActivities } from '../../activities/sample.ts';
import { createSandboxActivities } from '../../activities/sandbox.ts';
import { createTrainActivities } from '../../activities/train.ts';
import { readImageDescription } from '../../infra/setup/sandbox-image.mjs';
import { openStore } from '../../src/artifacts/open-store.ts';
import type { CampaignConfig } from '../../src/config/campaign.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { TESTBED_MODEL_CONFIG, writeTestbedTokenizer } from '../../src/datasets/testbed/model.ts';
import { storePath } from '../../src/process/paths.ts';
import type { CampaignResult } from '../../src/protocol/campaign-input.ts';
import type { Fact } from '../../src/protocol/facts.ts';
import { taskQueueOf } from '../../src/protocol/queues.ts';
import { campaignWorkflowId } from '../../src/protocol/workflow-ids.ts';
import { createEngines } from '../../src/sampler/engines.ts';
import { createOnnxSampler } from '../../src/sampler/onnx-sampler.ts';
import { readTokenizer } from '../../src/sampler/tokenizer.ts';
import { createSandbox } from '../../src/sandbox/create-sandbox.ts';
import type { ExecutionLimits, Sandbox } from '../../src/sandbox/types.ts';
import { createGrading, type Grading } from '../../src/scoring/rules-scorer.ts';
import { startWorker } from '../../src/temporal/worker.ts';
import { bundleWorkflows } from '../../src/temporal/workflow-bundle.ts';
import { runTrainer } from '../../src/trainer/launcher.ts';
import { createProblemResolver } from '../../src/workers/problems.ts';
import { statusQuery } from '../../workflows/messages.ts';
import { startTestServer } from './temporal.ts';

export interface RealStackOptions {
  /** Existing; its `store` may hold steps that are done. Stays when the stack stops. */
  readonly folder: string;
  readonly wrapSandbox: (sandbox: Sandbox) => Sandbox;
  readonly wrapGrading: (grading: Grading) => Grading;
}

export type RealStack = Awaited<ReturnType<typeof startRealStack>>;

export async function startRealStack({ folder, wrapSandbox, wrapGrading }: RealStackOptions) {
  const server = await startTestServer();
  const store = await openStore(storePath(folder));
  const { python } = readEnvironment();
  const { name: image } = await readImageDescription();
  const facts: Fact[] = [];
  const pools = new Map<string, Promise<Sandbox>>();
  const sandboxFor = async (limits: ExecutionLimits): Promise<Sandbox> => {
    const key = JSON.stringify(limits);
    const pool = pools.get(key) ?? createSandbox({ image, limits });
    pools.set(key, pool);
    return wrapSandbox(await pool);
  };
  const engines = createEngines(store, {
    openSampler: (modelDirectory, options) => createOnnxSampler({ modelDirectory, ...options }),
    readTokenizer,
  });
  const { options } = server.connection as unknown as { options: { address: string } };
  const at = { address: options.address, namespace: 'default', dataConverter: undefined, concurrency: 4 };
  const control = createControlActivities({
    store,
    database: { facts: async (appended) => void facts.push(...appended), note: async () => undefined },
    resolveProblems: createProblemResolver({ dataDirectory: undefined, cacheDirectory: folder }),
    grading: wrapGrading(createGrading()),
    findRollback: async () => null,
    collectCheckpoints: async () => {
      throw new Error('this stack has no database that says which checkpoints there are');
    },
    waitForEvaluation: (workflowId) => server.client.workflow.result(workflowId),
  });
  const train = createTrainActivities({
    store,
    python,
    scratch: join(folder, 'scratch'),
    runTrainer,
    readTokenizer,
    testbedModel: {
      config: TESTBED_MODEL_CONFIG,
      writeTokenizer: (directory) => writeTestbedTokenizer(python, directory),
    },
  });
  const workers = await Promise.all([
    startWorker({ ...at, role: 'control', activities: control, workflowBundle: await bundleWorkflows() }),
    startWorker({
      ...at,
      role: 'sample',
      evaluationConcurrency: 2,
      activities: createSampleActivities({ store, engines }),
    }),
    startWorker({
      ...at,
      role: 'sandbox',
      evaluationConcurrency: 2,
      activities: createSandboxActivities({ store, sandboxFor }),
    }),
    startWorker({ ...at, role: 'train', concurrency: 1, activities: train }),
  ]);
  return {
    store,
    facts,
    /** @throws with the reason when the campaign is blocked: nobody is there to answer it */
    run: async (config: CampaignConfig): Promise<CampaignResult> => {
      const handle = await server.client.workflow.start('campaign', {
        workflowId: campaignWorkflowId(config.name),
        taskQueue: taskQueueOf('control'),
        args: [{ campaignId: config.name, config }],
      });
      const ended = new AbortController();
      const result = handle.result().finally(() => ended.abort());
      const blocked = async (): Promise<never> => {
        for (;;) {
          await sleep(1000, undefined, { signal: ended.signal });
          const { status, reason } = await handle.query(statusQuery);
          if (status === 'blocked') throw new Error(`${config.name} is blocked: ${reason}`);
        }
      };
      return Promise.race([
        result,
        blocked().catch((error: unknown) => (ended.signal.aborted ? result : Promise.reject(error))),
      ]);
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.shutdown()));
      await engines.close();
      await Promise.allSettled([...pools.values()].map(async (pool) => (await pool).close()));
      await server.teardown();
    },
  };
}
