/** Waits until the control process of a home folder answers. */
import { type Client, connectToHome } from '../api/client.ts';

const POLL_MS = 300;

/** Asks until the database and the orchestrator answer too. Throws after `limitMs`, naming the logs to read. */
export async function waitForClient(home: string, limitMs: number): Promise<Client> {
  const until = Date.now() + limitMs;
  for (;;) {
    try {
      const client = await connectToHome(home);
      if ((await client.health()).status === 'ok') return client;
    } catch {
      // Not there yet.
    }
    if (Date.now() > until)
      throw new Error(`the stack in ${home} does not answer after ${limitMs / 1000} s; see ${home}/logs`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
