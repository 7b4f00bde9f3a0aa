/** The trainer on GPUs that are named, and maybe shared with other parts of the machine. */
import type { GpuLease } from '../process/gpu-lease.ts';
import { firstProcess, type Launcher, type RunTrainerOptions } from './launcher.ts';
import type { TrainerOutcome } from './types.ts';

type RunTrainer = (options: RunTrainerOptions) => Promise<TrainerOutcome>;

/** Runs each job that computes on GPUs while it has all of the lease's. */
export const leaseTrainer =
  (run: RunTrainer, lease: GpuLease, gpus: readonly string[]): RunTrainer =>
  async (options) => {
    if (options.job.kind === 'create-model') return run(options);
    const { signal, onWait, purpose } = options;
    try {
      await lease.take({
        ...(signal === undefined ? {} : { signal }),
        ...(onWait === undefined ? {} : { onWait }),
        ...(purpose === undefined ? {} : { purpose }),
      });
    } catch (error) {
      if (signal?.aborted) return { kind: 'cancelled' };
      throw error;
    }
    try {
      return await run({ ...options, launcher: onGpus(gpus, options.launcher) });
    } finally {
      await lease.release();
    }
  };

/** Shows the process these GPUs alone, numbered from 0. */
const onGpus = (gpus: readonly string[], launcher: Launcher = firstProcess): Launcher => ({
  command(launch) {
    const { file, args } = launcher.command(launch);
    return { file: 'env', args: [`CUDA_VISIBLE_DEVICES=${gpus.join(',')}`, file, ...args] };
  },
});
