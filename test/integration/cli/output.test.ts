/** What commands print of texts that a model or somebody's file gave: none of it steers the terminal. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateTestbed } from '../../../src/datasets/testbed/generate.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { campaignStory, EM_SCORES } from '../../browser/campaign-story.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';
import { callCommand } from './bad-input/call-command.ts';

const ESC = '\u001b';
const HOSTILE = `${ESC}[2J${ESC}]0;pwned\u0007\u009b31m\u202eright`;
const STEERING = /(?![\n\t])\p{Cc}|\p{Bidi_Control}/u;

/** The story's rollout with the hostile text is of the first problem. */
const PROBLEM = generateTestbed({ split: 'train', count: 128, seed: 1 })[0]?.id ?? '';

let http: TestHttp;
beforeAll(async () => {
  http = await openTestHttp();
  const story = { store: http.store, method: 'em', planned: 4, startMs: Date.UTC(2026, 0, 1) } as const;
  await applyFacts(
    http.db,
    await campaignStory({ ...story, id: 'em', scores: EM_SCORES.slice(0, 2), modelText: HOSTILE }),
  );
  const at = new Date().toISOString();
  await applyFacts(http.db, [
    { kind: 'campaign', id: 'em', status: 'blocked', at, reason: HOSTILE },
    { kind: 'campaign', id: `evil${HOSTILE}`, status: 'failed', at, reason: HOSTILE, iterationsPlanned: 1 },
  ]);
});
afterAll(() => http.close());

it.each([
  [['campaign', 'list'], 'pwned'],
  [['campaign', 'show', 'em'], 'pwned'],
  [['rollouts', 'show', 'em', '--iteration', '1', '--problem', PROBLEM], 'pwned'],
  [['checkpoint', 'list'], ''],
  [['eval', 'list'], ''],
  [['campaign', 'show', HOSTILE], 'pwned'],
  [['campaign', HOSTILE], 'pwned'],
])('%j', async (args, said) => {
  const { stdout, stderr } = await callCommand(['--home', http.home, ...args]);
  expect(stdout + stderr).toContain(said);
  expect(stdout + stderr).not.toMatch(STEERING);
});

it.each([[['campaign', 'show', 'em', '--json']], [['rollouts', 'export', 'em', '--iteration', '1']]])(
  '%j gives a program the text itself, and a terminal the same JSON without it',
  async (args) => {
    const call = async (isTTY: boolean) => {
      const before = process.stdout.isTTY;
      process.stdout.isTTY = isTTY;
      try {
        return (await callCommand(['--home', http.home, ...args])).stdout;
      } finally {
        process.stdout.isTTY = before;
      }
    };
    const [piped, shown] = [await call(false), await call(true)];
    expect(piped).toContain('\u202e');
    expect(shown).not.toMatch(STEERING);
    const parse = (text: string): unknown =>
      args.includes('--json')
        ? JSON.parse(text)
        : text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line));
    expect(parse(shown)).toEqual(parse(piped));
  },
);
