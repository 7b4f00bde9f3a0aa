import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { type Database, openDatabase } from '../../../src/db/database.ts';
import { listCampaigns, readCampaign } from '../../../src/db/read-campaigns.ts';
import { findCheckpoints, listCheckpoints } from '../../../src/db/read-checkpoints.ts';
import type { Fact } from '../../../src/protocol/facts.ts';
import { describeEachDatabase } from '../../support/databases.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as const;
const nth = (index: number) => digest(index.toString(16));
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

/** Facts of a campaign with one finished iteration, in the order in which they happen. */
function story(campaignId: string): Fact[] {
  const stage = { campaignId, iteration: 1, stage: 'sample' } as const;
  return [
    { kind: 'campaign', id: campaignId, status: 'running', at: at(0), config: { method: 'em' }, iterationsPlanned: 2 },
    { kind: 'checkpoint', digest: digest('a'), campaignId, iteration: 0, at: at(1) },
    { kind: 'iteration', campaignId, iteration: 1, status: 'running', at: at(2), from: digest('a') },
    { kind: 'stage', ...stage, status: 'running', at: at(3) },
    { kind: 'stage', ...stage, status: 'failed', at: at(4), reason: 'sandbox is away' },
    { kind: 'stage', ...stage, status: 'running', at: at(5) },
    {
      kind: 'shard',
      campaignId,
      iteration: 1,
      shard: 0,
      of: 2,
      at: at(6),
      manifest: digest('c'),
      counts: { rollouts: 8 },
      sampledBy: 'embedded engine 2',
    },
    {
      kind: 'shard',
      campaignId,
      iteration: 1,
      shard: 1,
      of: 2,
      at: at(7),
      manifest: digest('d'),
      counts: { rollouts: 7 },
      sampledBy: 'embedded engine 1',
    },
    { kind: 'stage', ...stage, status: 'completed', at: at(9), counts: { rollouts: 15 } },
    { kind: 'checkpoint', digest: digest('b'), campaignId, iteration: 1, parent: digest('a'), at: at(10) },
    {
      kind: 'iteration',
      campaignId,
      iteration: 1,
      status: 'completed',
      at: at(11),
      from: digest('a'),
      to: digest('b'),
    },
    { kind: 'campaign', id: campaignId, status: 'paused', at: at(12), iterationsDone: 1, head: digest('b') },
  ];
}

describeEachDatabase((make) => {
  let db: Database;
  beforeAll(async () => {
    db = await openDatabase(await make());
  });
  afterAll(() => db.close());

  it('folds the facts of a campaign into what is true of it', async () => {
    await applyFacts(db, story('told-in-order'));
    const campaign = await readCampaign(db, 'told-in-order');
    expect(campaign).toMatchObject({
      status: 'paused',
      method: 'em',
      iterationsDone: 1,
      iterationsPlanned: 2,
      head: digest('b'),
    });
    expect(campaign?.checkpoints.map((item) => [item.iteration, item.digest, item.parent])).toEqual([
      [0, digest('a'), undefined],
      [1, digest('b'), digest('a')],
    ]);
    const iteration = campaign?.iterations[0];
    expect(iteration).toMatchObject({ iteration: 1, status: 'completed', seconds: 9, shardsDone: 2, shardsPlanned: 2 });
    expect(iteration?.counts).toEqual({ rollouts: 15 });
    expect(iteration?.sampledBy).toEqual(['embedded engine 1', 'embedded engine 2']);
    expect(iteration?.stages).toEqual([
      { stage: 'sample', status: 'completed', startedAt: at(5), endedAt: at(9), seconds: 4, counts: { rollouts: 15 } },
    ]);
    expect(iteration?.shardManifests).toEqual([digest('d'), digest('c')]);
  });

  it('reaches the same state in any order, in any batches and however often a fact is told', async () => {
    let run = 0;
    const shuffled = fc.shuffledSubarray([...Array(24).keys()], { minLength: 24, maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(shuffled, fc.integer({ min: 1, max: 24 }), async (order, batch) => {
        run += 1;
        const [inOrder, mixed] = [`in-order-${run}`, `mixed-${run}`];
        await applyFacts(db, story(inOrder));
        const facts = order.map((index) => story(mixed)[index % 12]).filter((fact) => fact !== undefined);
        for (let from = 0; from < facts.length; from += batch) await applyFacts(db, facts.slice(from, from + batch));
        const rename = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(mixed, inOrder));
        expect(rename(await readCampaign(db, mixed))).toEqual(await readCampaign(db, inOrder));
      }),
      { numRuns: 12 },
    );
  });

  it('never lets a late attempt reopen or fail what is completed', async () => {
    const stage = { kind: 'stage', campaignId: 'late', iteration: 1, stage: 'train' } as const;
    await applyFacts(db, [
      { kind: 'campaign', id: 'late', status: 'running', at: at(0) },
      { ...stage, status: 'running', at: at(1) },
      { ...stage, status: 'completed', at: at(2), manifest: digest('e') },
    ]);
    await applyFacts(db, [{ ...stage, status: 'running', at: at(8) }]);
    await applyFacts(db, [{ ...stage, status: 'failed', at: at(9), reason: 'timed out' }]);
    const found = (await readCampaign(db, 'late'))?.iterations[0]?.stages[0];
    expect(found).toMatchObject({ status: 'completed', seconds: 1, manifest: digest('e') });
    expect(found?.reason).toBeUndefined();
  });

  it('shows an evaluation that two campaigns joined in both, and announces both', async () => {
    const evaluation = {
      kind: 'evaluation',
      id: 'eval-1',
      checkpoint: digest('a'),
      suite: 'held-out',
      iteration: 0,
    } as const;
    await applyFacts(db, [
      { kind: 'campaign', id: 'one', status: 'running', at: at(0) },
      { kind: 'campaign', id: 'two', status: 'running', at: at(0) },
      { ...evaluation, campaignId: 'one', status: 'running', at: at(1) },
      { ...evaluation, campaignId: 'two', status: 'running', at: at(2) },
    ]);
    const announced: string[] = [];
    const end = db.onChange((ids) => announced.push(...ids));
    const metrics = { accuracy: { auto: { value: 0.5, low: 0.4, high: 0.6, n: 100 } }, selectionAccuracy: {} };
    await applyFacts(db, [{ ...evaluation, campaignId: 'one', status: 'completed', at: at(5), metrics }]);
    end();
    expect(announced.sort()).toEqual(['one', 'two']);
    for (const id of ['one', 'two']) {
      const campaign = await readCampaign(db, id);
      expect(campaign?.evaluations).toMatchObject([{ id: 'eval-1', iteration: 0, status: 'completed', metrics }]);
      expect(campaign?.latest?.metrics).toEqual(metrics);
    }
  });

  it('judges a campaign by its main suite, and a suite of retention by whether it falls', async () => {
    const share = (value: number) => ({ value, low: value - 0.04, high: value + 0.04, n: 400 });
    const evaluation = (suite: string, iteration: number, auto: number) =>
      ({
        kind: 'evaluation',
        id: `${suite}-${iteration}`,
        campaignId: 'kept',
        checkpoint: digest('b'),
        suite,
        iteration,
        status: 'completed',
        at: at(1 + iteration),
        metrics: { accuracy: { auto: share(auto) }, selectionAccuracy: {} },
      }) as const;
    const evaluations = [{ suite: 'gsm8k', role: 'retention' }, { suite: 'math' }];
    await applyFacts(db, [
      { kind: 'campaign', id: 'kept', status: 'running', at: at(0), config: { name: 'kept', evaluations } },
      ...[evaluation('gsm8k', 0, 0.8), evaluation('math', 0, 0.3)],
      ...[evaluation('gsm8k', 1, 0.5), evaluation('math', 1, 0.6)],
    ]);
    const campaign = await readCampaign(db, 'kept');
    expect(campaign?.alarms).toMatchObject([{ kind: 'forgetting', message: expect.stringContaining('gsm8k') }]);
    expect(campaign?.latest?.suite).toBe('math');
  });

  it('announces nothing when told what it knows', async () => {
    await applyFacts(db, story('known'));
    let announced = 0;
    const end = db.onChange(() => {
      announced += 1;
    });
    await applyFacts(db, story('known'));
    end();
    expect(announced).toBe(0);
  });

  it('shows metrics of earlier versions under their names of today', async () => {
    const iteration = { campaignId: 'earlier', iteration: 1, at: at(1) } as const;
    const metrics = { meanRatio: 1.01, clipFraction: 0.1, approximateKl: 0.002, gradientNorm: 3, loss: 1 };
    await applyFacts(db, [
      { kind: 'campaign', id: 'earlier', status: 'running', at: at(0), iterationsPlanned: 1 },
      { kind: 'stage', ...iteration, stage: 'train', status: 'completed', counts: metrics },
      { kind: 'iteration', ...iteration, status: 'completed', from: digest('a'), metrics },
    ]);
    const shown = (await readCampaign(db, 'earlier'))?.iterations[0];
    const current = { ratio_mean: 1.01, clip_frac: 0.1, approx_kl: 0.002, grad_norm: 3, loss: 1 };
    expect(shown?.metrics).toEqual(current);
    expect(shown?.stages[0]?.counts).toEqual(current);
  });

  it('refuses a fact without a valid time and then stores nothing of its batch', async () => {
    const good: Fact = { kind: 'campaign', id: 'half', status: 'running', at: at(0) };
    await expect(applyFacts(db, [good, { ...good, at: 'yesterday' }])).rejects.toThrow('"yesterday" is not a time');
    expect(await readCampaign(db, 'half')).toBeUndefined();
  });

  it('finds checkpoints by the first digits of their digest, and by nothing else', async () => {
    await applyFacts(db, story('lineage'));
    expect(await findCheckpoints(db, 'aaaa')).toEqual([digest('a')]);
    expect(await findCheckpoints(db, `${digest('b').slice(0, 15)}`)).toEqual([digest('b')]);
    expect(await findCheckpoints(db, '%')).toEqual([]);
    expect((await listCheckpoints(db, 'lineage')).map((item) => item.digest)).toEqual([digest('b'), digest('a')]);
  });

  it('keeps facts across a restart and applies migrations only once', async () => {
    const location = await make();
    const first = await openDatabase(location);
    await applyFacts(first, story('kept'));
    await first.close();
    const second = await openDatabase(location);
    expect((await listCampaigns(second)).map((item) => item.id)).toEqual(['kept']);
    await second.close();
  });

  it('orders what was done at the same time in the same way, however it was told', async () => {
    const shard = {
      kind: 'shard',
      campaignId: 'ties',
      iteration: 1,
      of: 12,
      at: at(5),
      counts: { rollouts: 8 },
    } as const;
    const facts = Array.from({ length: 12 }, (_, index): Fact => ({ ...shard, shard: index, manifest: nth(index) }));
    const made = { kind: 'checkpoint', campaignId: 'ties', iteration: 1, at: at(6) } as const;
    await applyFacts(db, [{ kind: 'campaign', id: 'ties', status: 'running', at: at(0) }]);
    const order = [7, 3, 11, 0, 5, 9, 1, 10, 2, 8, 6, 4];
    for (const index of order)
      await applyFacts(
        db,
        [facts[index], { ...made, digest: nth(index) }].filter((fact) => fact !== undefined),
      );
    const descending = [...order].sort((a, b) => b - a).map(nth);
    const shown = await readCampaign(db, 'ties');
    expect(shown?.iterations[0]?.shardManifests).toEqual(descending);
    expect(shown?.checkpoints.map((item) => item.digest)).toEqual(descending.toReversed());
    expect((await listCheckpoints(db, 'ties')).map((item) => item.digest)).toEqual(descending.toReversed());
  });
});
