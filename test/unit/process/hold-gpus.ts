/** Takes GPUs, says so, and keeps them until it is killed. */
import { openGpuLease } from '../../../src/process/gpu-lease.ts';

const [folder = '', ...gpus] = process.argv.slice(2);
await openGpuLease({ folder, gpus }).take();
process.stdout.write('taken');
setInterval(() => undefined, 1000);
