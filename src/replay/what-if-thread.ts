/** The thread of one what-if: one job in, one report out. */
import { parentPort, workerData } from 'node:worker_threads';
import { computeWhatIf, type WhatIfJob } from './what-if-compute.ts';

parentPort?.postMessage(computeWhatIf(workerData as WhatIfJob));
