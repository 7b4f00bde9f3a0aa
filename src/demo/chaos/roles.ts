/** What can be killed, and by which worker's tasks it is seen to be at work. */
import type { WorkerRole } from '../../protocol/queues.ts';

export const KILL_ROLES = [
  'sample',
  'sandbox',
  'train',
  /** The Python program that a train worker runs. */
  'trainer',
  'control',
  /** One of the sandbox's containers. */
  'container',
  /** The container engine. */
  'dockerd',
  /** The Temporal server. */
  'temporal',
] as const;
export type KillRole = (typeof KILL_ROLES)[number];

/** Whose tasks are in flight when the role is at work; undefined = anybody's. */
export function tasksOf(role: KillRole): WorkerRole | undefined {
  switch (role) {
    case 'sample':
    case 'sandbox':
    case 'train':
    case 'control':
      return role;
    case 'trainer':
      return 'train';
    case 'container':
    case 'dockerd':
      return 'sandbox';
    case 'temporal':
      return undefined;
  }
}
