/** The Python client against the real server. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { campaignStory, EM_SCORES } from '../../browser/campaign-story.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await openTestHttp();
  const scores = EM_SCORES.slice(0, 2);
  const story = { store: http.store, planned: 4, startMs: Date.UTC(2026, 0, 1), id: 'em-run', method: 'em', scores };
  await applyFacts(http.db, await campaignStory({ ...story, method: 'em' }));
});
afterAll(() => http.close());

/** Runs lines of Python with a client `whencode`; what they print as JSON. */
async function python(lines: string): Promise<unknown> {
  const program = `
import json, sys
sys.path.insert(0, "clients/python")
from whencode_client import Client, WhencodeError, connect
whencode = Client(*sys.argv[1:3])
${lines}`;
  const { stdout } = await promisify(execFile)(readEnvironment().python, ['-c', program, http.url, http.token]);
  return JSON.parse(stdout);
}

it('gives campaigns as rows, with figures and intervals by name', async () => {
  const rows = await python('print(json.dumps(whencode.runs()))');
  expect(rows).toEqual([
    expect.objectContaining({
      id: 'em-run',
      status: 'running',
      suite: 'held-out',
      'accuracy.auto': 0.68,
      'accuracy.auto.low': expect.any(Number),
      'accuracy.auto.high': expect.any(Number),
    }),
  ]);
});

it('gives evaluations and rollouts, page by page', async () => {
  const found = (await python(`
from itertools import islice
sys.modules["whencode_client"]._PAGE = 2
rows = list(islice(whencode.rollouts("em-run", 1), 3))
print(json.dumps([len(whencode.evaluations("em-run")), [row["id"] for row in rows]]))`)) as [number, string[]];
  const [evaluations, ids] = found;
  expect(evaluations).toBe(2);
  expect(new Set(ids).size).toBe(3);
});

it('raises the message of the server, and says what tables need', async () => {
  const messages = await python(`
said = []
for call in (lambda: whencode.get("campaigns/unknown"), lambda: connect("/nowhere"), lambda: Client(sys.argv[1], "0" * 64).runs()):
    try:
        call()
    except WhencodeError as error:
        said.append(str(error))
sys.modules["pandas"] = None
try:
    whencode.runs_df()
except WhencodeError as error:
    said.append(str(error))
print(json.dumps(said))`);
  expect(messages).toEqual([
    expect.stringContaining('em-run'),
    expect.stringContaining('whencode up'),
    expect.stringContaining('does not know the token'),
    expect.stringContaining('pip install pandas'),
  ]);
});
