/** Roles are processes, each with a task queue of its own, so that any one can be killed, added or moved. */
export const WORKER_ROLES = ['control', 'sample', 'sandbox', 'train'] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

/** Whom the work is for: each has its own slots in a worker, so that neither waits behind the other's queue. */
export type Purpose = 'campaigns' | 'evaluations';

/**
 * Version of what workflows and activities say to each other. It is part of the queue names: a worker of another
 * version never sees work that it would misread.
 */
const PROTOCOL = 1;

/** `sample` and `sandbox` have a second queue for evaluations; the others serve both from one. */
export function taskQueueOf(role: WorkerRole, purpose: Purpose = 'campaigns'): string {
  return `whencode-${role}${purpose === 'evaluations' ? '-evaluations' : ''}-${PROTOCOL}`;
}

/** Where a role's workers answer that they are there, however many tasks they have in hand. */
export function aliveQueueOf(role: WorkerRole): string {
  return `whencode-${role}-alive-${PROTOCOL}`;
}
