/** `demo --chaos`: kills parts of the demo's own stack while it works, and audits the result. */
import { readEnvironment } from '../config/environment.ts';
import { openHomeStore } from '../process/home-store.ts';
import { auditSteps } from './chaos/audit.ts';
import { startKiller } from './chaos/killer.ts';
import { killLine, killTable } from './chaos/report.ts';
import type { KillRole } from './chaos/roles.ts';
import { planKills } from './chaos/schedule.ts';
import { watchTasks } from './chaos/task-watch.ts';
import { stackVictims } from './chaos/victims.ts';

export interface DemoChaos {
  /**
   * Ends the kills and resolves with the verdict, for people. @throws ChaosFailure when a step was lost or done twice
   */
  stop(): Promise<string>;
}

/** A step was lost or done twice. */
export class ChaosFailure extends Error {
  override readonly name = 'ChaosFailure';
}

// Without the container engine: the machine's other work may need it.
const ROLES: readonly KillRole[] = ['sample', 'sandbox', 'train', 'trainer', 'control', 'container', 'temporal'];
/** Minimum time between kills, so that they spread over a demo of minutes. */
const REST_MS = 8000;

export function startDemoChaos(options: {
  readonly home: string;
  readonly kills: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}): DemoChaos {
  const { home, say } = options;
  const watch = watchTasks(home);
  const killer = startKiller({
    home,
    watch,
    schedule: planKills({ seed: options.seed, kills: options.kills, roles: ROLES }),
    victims: stackVictims(home, readEnvironment().dockerHost),
    restMs: REST_MS,
    onKill: (kill) => say(killLine(kill)),
  });
  return {
    async stop() {
      await killer.stop();
      watch.close();
      const hits = killer.kills.filter(({ isInFlight }) => isInFlight);
      if (hits.length === 0)
        return 'chaos: nothing was killed, since no task was in flight: the results were in the store already. Use another --seed or --home.';
      const { steps, computations, interrupted, complaints } = await auditSteps(
        home,
        await openHomeStore(home, readEnvironment()),
      );
      if (complaints.length > 0) throw new ChaosFailure(`chaos: ${complaints.join('; ')}`);
      return [
        `chaos: ${hits.length} kills, each in the middle of a task; the campaign finished all the same.`,
        killTable(hits),
        `${steps} steps, each committed once and none computed after that; of ${computations} computations the kills cut off ${interrupted}.`,
        'The same seed without --chaos, in another --home on this machine, ends at the same checkpoint.',
      ].join('\n');
    },
  };
}
