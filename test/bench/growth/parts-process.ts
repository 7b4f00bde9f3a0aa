/** The roles beside control with simulated sampler, sandbox and trainer, as a process: so that control is measured alone. */
import { join } from 'node:path';
import { createSampleActivities } from '../../../activities/sample.ts';
import { createSandboxActivities } from '../../../activities/sandbox.ts';
import { createTrainActivities } from '../../../activities/train.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import { onParentGone } from '../../../src/process/exit-with-parent.ts';
import { createEngines } from '../../../src/sampler/engines.ts';
import { NAMESPACE } from '../../../src/temporal/server.ts';
import { startWorker } from '../../../src/temporal/worker.ts';
import { characterTokenizer, createSimulatedParts } from '../../support/simulated-parts.ts';

const [folder = '', address = ''] = process.argv.slice(2);
const server = { address, namespace: NAMESPACE };
onParentGone(() => process.exit(0));
const store = await openStore(join(folder, 'store'));
const parts = createSimulatedParts();
const readTokenizer = async () => characterTokenizer;
const sample = createSampleActivities({
  store,
  engines: createEngines(store, { openSampler: parts.openSampler, readTokenizer }),
});
const sandbox = createSandboxActivities({ store, sandboxFor: parts.sandboxFor });
const train = createTrainActivities({
  store,
  python: 'python3',
  scratch: join(folder, 'scratch'),
  runTrainer: parts.runTrainer,
  readTokenizer,
  testbedModel: { config: {}, writeTokenizer: () => Promise.reject(new Error('nothing is trained from scratch')) },
});
await Promise.all([
  startWorker({
    ...server,
    dataConverter: undefined,
    role: 'sample',
    concurrency: 4,
    evaluationConcurrency: 2,
    activities: sample,
  }),
  startWorker({
    ...server,
    dataConverter: undefined,
    role: 'sandbox',
    concurrency: 4,
    evaluationConcurrency: 2,
    activities: sandbox,
  }),
  startWorker({ ...server, dataConverter: undefined, role: 'train', concurrency: 1, activities: train }),
]);
process.stdout.write('ready\n');
