/** What one client may cost the control process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { rotateToken } from '../../../src/process/control-address.ts';
import { campaignStory, EM_SCORES } from '../../browser/campaign-story.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';
import { readStream } from '../../support/read-stream.ts';

const MOST_STREAMS = 32;

let http: TestHttp;
let closing: AbortController;
beforeAll(async () => {
  http = await openTestHttp();
  await addCampaign('em', 1);
});
beforeEach(() => {
  closing = new AbortController();
});
afterEach(() => closing.abort());
afterAll(() => http.close());

/** Opens an event stream; resolves with the status once the answer has begun. */
const openStream = async (path: string, signal = closing.signal) => {
  const headers = { authorization: `Bearer ${http.token}` };
  return fetch(`${http.url}${path}`, { headers, signal });
};

/** The server notices a little later that a client has left. */
async function openWhenFree(path: string): Promise<Response> {
  for (;;) {
    const response = await openStream(path);
    if (response.status === 200) return response;
    await sleep(20);
  }
}

async function addCampaign(id: string, scores: number): Promise<void> {
  const story = { store: http.store, id, method: 'em', planned: 4, startMs: Date.UTC(2026, 0, 1) } as const;
  await applyFacts(http.db, await campaignStory({ ...story, scores: EM_SCORES.slice(0, scores) }));
}

it('serves 32 event streams, refuses more with what to do, and serves others when some have ended', async () => {
  const paths = ['/events', '/page-events', '/campaigns/em/events'];
  const some = new AbortController();
  const streams = await Promise.all(
    Array.from({ length: MOST_STREAMS }, (_, index) =>
      openStream(paths[index % paths.length] ?? '', index < 4 ? some.signal : closing.signal),
    ),
  );
  expect(streams.map(({ status }) => status)).toEqual(Array(MOST_STREAMS).fill(200));
  for (const path of paths) {
    const refused = await openStream(path);
    // The status first: the body of a stream that is not refused has no end.
    expect(refused.status).toBe(503);
    expect(await refused.json()).toEqual({
      error: { code: 'unavailable', message: expect.stringContaining('close some pages') },
    });
  }
  expect((await fetch(`${http.url}/health`)).status).toBe(200);
  some.abort();
  await openWhenFree('/events');
});

it('does not count streams whose HEAD was asked for', async () => {
  const headers = { authorization: `Bearer ${http.token}` };
  for (let index = 0; index < MOST_STREAMS * 2; index += 1)
    expect((await fetch(`${http.url}/page-events`, { method: 'HEAD', headers })).status).toBe(200);
  await openWhenFree('/events');
});

it('ends a stream once its token is no longer valid', async () => {
  const stream = readStream(await openWhenFree('/events?campaign=em'));
  await stream.until(/ready/);
  await rotateToken(http.home);
  await addCampaign('em', 2);
  expect(await stream.rest()).not.toContain('campaign');
});

it('asks the orchestrator once a second, however often its health is asked for', async () => {
  let asked = 0;
  const from = performance.now();
  const gateway = {
    ...http.gateway,
    check: async () => {
      asked += 1;
    },
  };
  const busy = await openTestHttp({ gateway });
  try {
    const health = () => fetch(`${busy.url}/health`).then((response) => response.json());
    const answers = await Promise.all(Array.from({ length: 50 }, health));
    expect(answers).toEqual(Array(50).fill({ status: 'ok', orchestrator: 'ok' }));
    expect(asked).toBeLessThanOrEqual(1 + (performance.now() - from) / 1000);
    const before = asked;
    while (asked === before) {
      await health();
      await sleep(50);
    }
  } finally {
    await busy.close();
  }
});
