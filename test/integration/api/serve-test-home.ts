/** A process that serves a home folder of its own until it is killed. Prints the home folder. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CampaignDeps } from '../../../src/campaigns/deps.ts';
import { readOrCreateToken, readToken, writeControlAddress } from '../../../src/process/control-address.ts';
import { serveApp } from '../../../src/server/serve.ts';

const home = await mkdtemp(join(tmpdir(), 'whencode-killed-'));
await readOrCreateToken(home);
// Only a link is asked for: no campaigns are needed.
const { url } = await serveApp({} as CampaignDeps, { readToken: () => readToken(home), port: 0, log: console.error });
await writeControlAddress(home, { url, pid: process.pid });
process.stdout.write(`${home}\n`);
