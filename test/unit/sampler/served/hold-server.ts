/** Takes GPUs and starts a model server on them, as a sample worker does, and goes on until it is killed. */
import { openGpuLease } from '../../../../src/process/gpu-lease.ts';
import { startServer } from '../../../../src/sampler/served/server-process.ts';

const [folder = '', command = '', logFile = '', ...gpus] = process.argv.slice(2);
const lease = openGpuLease({ folder, gpus });
await lease.take();
await startServer({
  command,
  modelDirectory: folder,
  servedName: 'model',
  port: 1,
  logFile,
  gpus,
  onProcess: lease.nameUser,
});
