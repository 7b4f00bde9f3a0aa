/** Roles are processes, each with a task queue of its own, so that any one can be killed, added or moved. */
export const WORKER_ROLES = ['control', 'sample', 'sandbox', 'train'] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

/**
 * Version of what workflows and activities say to each other. It is part of the queue names: a worker of another
 * version never sees work that it would misread.
 */
const PROTOCOL = 1;

export function taskQueueOf(role: WorkerRole): string {
  return `whencode-${role}-${PROTOCOL}`;
}
