/** Ten thousand messages without the payload key to a whole stack in the middle of a campaign, compared with none. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NAMESPACE } from '../../src/temporal/server.ts';
import { type Run, runCampaign, smallCampaign } from '../support/chaos.ts';
import { sendForeignMessages } from '../support/foreign-messages.ts';

const MESSAGES = 10_000;
/** Messages between two looks at which workflows are open. */
const WAVE = 500;
const SIZE = { iterations: 2, problems: 16, demonstrations: 1500 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foreign-messages-'));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

const results = ({ results: found }: Run) => [...found].sort(([a], [b]) => (a < b ? -1 : 1));

test('no part dies, nothing is written outside of the home, and every step has the result that it has without them', async () => {
  const config = await smallCampaign(folder, 'flooded', SIZE);
  const deaths: string[] = [];
  const say = (line: string): void => void deaths.push(line);
  const undisturbed = await runCampaign({ home: join(folder, 'home-undisturbed'), config, say: () => undefined });
  const outside = join(folder, 'outside');
  await mkdir(outside);
  const beside = await readdir(folder);
  const called: string[] = [];
  const listener = createServer((asked, answer) => {
    called.push(asked.url ?? '');
    answer.end();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const bait = { outside, url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/` };
  let flood: Promise<number> = Promise.resolve(0);
  const sendAll = async (address: string): Promise<number> => {
    let taken = 0;
    for (let seed = 0; seed < MESSAGES / WAVE; seed += 1) {
      const wave = await sendForeignMessages({ address, namespace: NAMESPACE, count: WAVE, seed, bait });
      taken += Object.values(wave).reduce((sum, count) => sum + count, 0);
    }
    return taken;
  };
  const flooded = await runCampaign({
    home: join(folder, 'home-flooded'),
    config,
    say,
    onReady: ({ temporalAddress }) => {
      flood = sendAll(temporalAddress);
    },
    untilAlso: () => flood,
  });
  listener.close();
  expect(await flood).toBeGreaterThan(MESSAGES / 4);
  expect(deaths).toEqual([]);
  expect(called).toEqual([]);
  expect(await readdir(outside)).toEqual([]);
  expect(await readdir(folder)).toEqual([...beside, 'home-flooded'].sort());
  expect(flooded.campaign.status).toBe(undisturbed.campaign.status);
  expect(flooded.campaign.head).toBe(undisturbed.campaign.head);
  expect(results(flooded)).toEqual(results(undisturbed));
}, 3_600_000);
