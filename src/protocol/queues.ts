/** Roles are processes, each with a task queue of its own, so that any one can be killed, added or moved. */
export const WORKER_ROLES = ['control', 'sample', 'sandbox', 'train'] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

/** The purpose of the work. Each purpose has its own slots in a worker, so that neither waits behind the other's queue. */
export type Purpose = 'campaigns' | 'evaluations';

/**
 * Version of the contracts between workflows and activities. It is part of the queue names, so that a worker of another
 * version never receives work that it would misread.
 */
const PROTOCOL = 1;

/** `sample` and `sandbox` have a second queue for evaluations; the others serve both from one. */
export function taskQueueOf(role: WorkerRole, purpose: Purpose = 'campaigns'): string {
  return `whencode-${role}${purpose === 'evaluations' ? '-evaluations' : ''}-${PROTOCOL}`;
}

/** The queue on which a role's workers answer pings, also while all of their task slots are taken. */
export function aliveQueueOf(role: WorkerRole): string {
  return `whencode-${role}-alive-${PROTOCOL}`;
}
