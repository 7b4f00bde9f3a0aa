/** The parts that chaos can kill, and the workers whose tasks show that a part is busy. */
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

/** The worker whose running tasks show that the role is busy; undefined: any worker. */
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
