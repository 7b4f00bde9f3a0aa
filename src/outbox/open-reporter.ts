/** The reporter with the trackers' own libraries, which are installed when the first campaign names them. */
import { fileURLToPath } from 'node:url';
import { installTracker } from '../../infra/setup/tracker-python.mjs';
import type { Environment } from '../config/environment.ts';
import { Reporter, type ReporterOptions } from './reporter.ts';
import { sendBatch } from './send-batch.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export function openReporter(
  { home, cacheDirectory, trackerVariables }: Environment,
  options: Omit<ReporterOptions, 'home' | 'send'>,
): Reporter {
  return new Reporter({
    ...options,
    home,
    async send(batch, signal) {
      const python = await installTracker({ root: ROOT, cacheDirectory }, batch.run.tracker);
      await sendBatch(python, trackerVariables, batch, signal);
    },
  });
}
