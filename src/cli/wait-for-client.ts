/** Waits until the control process of a home folder answers. */
import { type Client, connectToHome } from '../api/client.ts';
import { follow } from '../process/follow.ts';

const POLL_MS = 300;

/** Asks until the database and the orchestrator answer too. @throws after `limitMs`, naming the logs to read */
export function waitForClient(home: string, limitMs: number): Promise<Client> {
  const until = performance.now() + limitMs;
  return follow({
    ask: () => findHealthy(home).catch(() => undefined),
    endOf: (client) => {
      if (client === undefined && performance.now() > until)
        throw new Error(`the stack in ${home} does not answer after ${limitMs / 1000} s; see ${home}/logs`);
      return client;
    },
    pause: POLL_MS,
  });
}

async function findHealthy(home: string): Promise<Client | undefined> {
  const client = await connectToHome(home);
  return (await client.isHealthy()) ? client : undefined;
}
