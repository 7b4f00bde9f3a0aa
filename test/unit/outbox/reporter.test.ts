import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { RolloutReader } from '../../../src/campaigns/read-rollouts.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { type Database, openDatabase } from '../../../src/db/database.ts';
import type { CampaignDetail } from '../../../src/db/views.ts';
import { changeCursor, readCursor } from '../../../src/outbox/cursors.ts';
import { Reporter } from '../../../src/outbox/reporter.ts';
import type { Batch, SendBatch } from '../../../src/outbox/send-batch.ts';
import type { Fact } from '../../../src/protocol/facts.ts';

const CHECKPOINT = `sha256:${'0'.repeat(64)}` as const;
const at = '2026-01-01T00:00:00.000Z';
const measure = { value: 0.5, low: 0.4, high: 0.6, n: 10 };
/** The iterations whose series were read, of no store. */
const read: number[] = [];
const rollouts = {
  readUpdates: async ({ iterations }: Pick<CampaignDetail, 'iterations'>) => {
    read.push(...iterations.map(({ iteration }) => iteration));
    return [];
  },
  readAccuracy: async () => [],
} as unknown as RolloutReader;

const begun = (report: readonly string[]): Fact => ({
  kind: 'campaign',
  id,
  status: 'running',
  at,
  config: { name: id, report },
});
const evaluated = (iteration: number): Fact[] => [
  { kind: 'stage', campaignId: id, iteration, stage: 'train', status: 'completed', at },
  { kind: 'stage', campaignId: id, iteration, stage: 'evaluate', status: 'completed', at },
  {
    kind: 'evaluation',
    id: `eval/${id}/${iteration}`,
    campaignId: id,
    iteration,
    checkpoint: CHECKPOINT,
    suite: 'held-out',
    status: 'completed',
    at,
    metrics: { accuracy: { auto: measure }, selectionAccuracy: {} },
  },
];

let home: string;
let db: Database;
/** Of the campaign; each test has its own. */
let id: string;
let tests = 0;
let sent: Batch[];
let warnings: string[];
const open: Reporter[] = [];

beforeAll(async () => {
  db = await openDatabase('memory:');
});
afterAll(async () => {
  await db.close();
});
beforeEach(async () => {
  tests += 1;
  id = `math-${tests}`;
  home = await mkdtemp(join(tmpdir(), 'whencode-reports-'));
  [sent, warnings] = [[], []];
});
afterEach(async () => {
  for (const reporter of open.splice(0)) await reporter.close();
  await rm(home, { recursive: true, force: true });
});

const keep: SendBatch = async (batch) => {
  // A restart finds the campaigns of the other tests too.
  if (batch.run.name.startsWith(id)) sent.push(batch);
};

function reporterWith(send: SendBatch = keep): Reporter {
  const reporter = new Reporter({ db, rollouts, home, send, warn: (text) => warnings.push(text), retryMs: 5 });
  open.push(reporter);
  return reporter;
}

async function tell(reporter: Reporter, facts: readonly Fact[]): Promise<void> {
  await applyFacts(db, facts);
  await reporter.facts(facts);
}

/** Longer than a busy machine takes. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 30_000 });

const iterationsOf = (batches: readonly Batch[]) =>
  batches.flatMap(({ records }) => records.map(({ metrics }) => metrics.iteration));

it('sends what is new to each tracker, once', async () => {
  const reporter = reporterWith();
  await tell(reporter, [begun(['wandb', 'mlflow']), ...evaluated(1)]);
  await eventually(() => expect(sent).toHaveLength(2));
  await tell(reporter, evaluated(2));
  await eventually(() => expect(sent).toHaveLength(4));
  const toWandb = sent.filter(({ run }) => run.tracker === 'wandb');
  expect(iterationsOf(toWandb)).toEqual([1, 2]);
  expect(toWandb[0]?.run).toMatchObject({ name: id, project: 'whencode', config: { name: id } });
});

it('sends nothing for a campaign that names no tracker', async () => {
  const reporter = reporterWith();
  await tell(reporter, [begun([]), ...evaluated(1)]);
  await reporter.close();
  expect(sent).toEqual([]);
});

it('loses nothing while a tracker is down, warns once, and holds up no other tracker', async () => {
  let isDown = true;
  let attempts = 0;
  const reporter = reporterWith(async (batch) => {
    if (batch.run.tracker === 'wandb' && isDown) {
      attempts += 1;
      throw new Error('api.wandb.ai is away');
    }
    sent.push(batch);
  });
  await tell(reporter, [begun(['wandb', 'tensorboard']), ...evaluated(1)]);
  await tell(reporter, evaluated(2));
  await eventually(() => {
    expect(attempts).toBeGreaterThan(2);
    expect(iterationsOf(sent)).toEqual([1, 2]);
  });
  expect((await reporter.readState(id, 'wandb')).failure).toBe('api.wandb.ai is away');
  isDown = false;
  await eventually(() => expect(iterationsOf(sent.filter(({ run }) => run.tracker === 'wandb'))).toEqual([1, 2]));
  await eventually(() => expect(warnings).toHaveLength(2));
  expect(await reporter.readState(id, 'wandb')).toEqual({
    tracker: 'wandb',
    generation: 1,
    position: { iteration: 2, part: 'evaluate' },
  });
});

it('a fact is passed on at once, however long a tracker takes', async () => {
  const reporter = reporterWith((_, signal) => new Promise((_done, fail) => signal.addEventListener('abort', fail)));
  await tell(reporter, [begun(['wandb']), ...evaluated(1)]);
  const before = performance.now();
  await reporter.facts(evaluated(2));
  expect(performance.now() - before).toBeLessThan(1000);
});

it('goes on after a restart from where it was, also where nothing happens any more', async () => {
  const first = reporterWith();
  await tell(first, [begun(['wandb']), ...evaluated(1)]);
  await eventually(() => expect(sent).toHaveLength(1));
  await first.close();
  await applyFacts(db, evaluated(2));
  await reporterWith().start();
  await eventually(() => expect(iterationsOf(sent)).toEqual([1, 2]));
});

it('says that a run is over once, and sends everything again as a new run when asked to', async () => {
  const reporter = reporterWith();
  await tell(reporter, [begun(['wandb']), ...evaluated(1)]);
  await eventually(() => expect(sent).toHaveLength(1));
  await tell(reporter, [{ kind: 'campaign', id, status: 'completed', at }]);
  await eventually(() => expect(sent.map(({ ended }) => ended)).toEqual([false, true]));
  await reporter.resend(id, ['wandb']);
  await eventually(() => expect(sent).toHaveLength(3));
  expect(sent[2]).toMatchObject({ run: { name: `${id}-sent-2` }, ended: true });
  expect(iterationsOf(sent.slice(2))).toEqual([1]);
});

it('a cursor that is damaged counts as none', async () => {
  const reporter = reporterWith();
  await tell(reporter, [begun(['wandb']), ...evaluated(1)]);
  await eventually(async () => expect((await reporter.readState(id, 'wandb')).position).toBeDefined());
  await writeFile(join(home, 'reports', 'cursors', id, 'wandb.json'), '{"generation":');
  await reporter.facts(evaluated(1));
  await eventually(() => expect(sent).toHaveLength(2));
});

it('reads the trainings that are new, and none for a fact without figures', async () => {
  const reporter = reporterWith();
  read.length = 0;
  await tell(reporter, [begun(['wandb']), ...evaluated(1)]);
  await eventually(() => expect(sent).toHaveLength(1));
  await tell(reporter, evaluated(2));
  await eventually(() => expect(sent).toHaveLength(2));
  await tell(reporter, [{ kind: 'stage', campaignId: id, iteration: 3, stage: 'train', status: 'running', at }]);
  await tell(reporter, [begun(['wandb'])]);
  await reporter.close();
  expect(read).toEqual([1, 2]);
});

it('names the run by the campaign and identifies it by when that began, so two homes have two', async () => {
  const reporter = reporterWith();
  await tell(reporter, [begun(['wandb']), ...evaluated(1)]);
  const later = { ...begun(['wandb']), id: `${id}-later`, at: '2026-01-02T00:00:00.000Z' } as Fact;
  await tell(reporter, [later, ...evaluated(1).map((fact) => ({ ...fact, campaignId: `${id}-later` }) as Fact)]);
  await eventually(() => expect(sent).toHaveLength(2));
  const suffixes = sent.map(({ run }) => run.id.slice(run.name.length));
  expect(suffixes[0]).toMatch(/^-[0-9a-f]{8}$/);
  expect(new Set(suffixes).size).toBe(2);
});

it('changes of one cursor happen one after the other', async () => {
  const change = () =>
    changeCursor(home, id, 'wandb', ({ generation }) => ({ generation: generation + 1, step: 0, isEnded: false }));
  await Promise.all([change(), change(), change()]);
  expect((await readCursor(home, id, 'wandb')).generation).toBe(4);
});
