/** The validation problems of a campaign on demand: the same evaluation as the campaign's own, unless changes are asked for. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJson } from '../../../src/artifacts/codecs.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import { openCampaign } from '../../../src/campaigns/open-campaign.ts';
import { recordFacts } from '../../../src/campaigns/records.ts';
import { startEvaluation } from '../../../src/campaigns/start-evaluation.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { databaseTracker } from '../../../src/db/apply-journal.ts';
import { openDatabase } from '../../../src/db/database.ts';
import type { EvaluationRequest } from '../../../src/protocol/activities.ts';
import { describeValidation, type EvaluationSpec } from '../../../src/steps/describe-evaluation.ts';
import { createProblemResolver } from '../../../src/workers/problems.ts';
import { RecordingGateway } from '../../support/recording-gateway.ts';

test('joins what the campaign measures itself; with other samples or fewer problems it is one of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'validation-'));
  const db = await openDatabase('memory:');
  try {
    const store = await openStore(join(folder, 'store'));
    const model = join(folder, 'model');
    await mkdir(model);
    await writeFile(join(model, 'config.json'), '{}');
    const config = campaignSchema.parse({
      name: 'cut',
      model,
      template: 'testbed',
      iterations: 1,
      problems: [{ from: 'testbed', limit: 60 }],
      validation: { problems: 20 },
      grading: { decimals: 'exact' },
    });
    const resolveProblems = createProblemResolver({ dataDirectory: undefined, cacheDirectory: folder });
    const records = { store, database: databaseTracker(db) };
    const opened = await openCampaign({ ...records, resolveProblems }, { campaignId: 'cut', config });
    const { digest: checkpoint } = await store.putTree(model);
    const at = '2026-01-01T00:00:00.000Z';
    await recordFacts(records, [
      { kind: 'campaign', id: 'cut', status: 'running', config, head: checkpoint, at },
      { kind: 'checkpoint', digest: checkpoint, campaignId: 'cut', iteration: 0, at },
    ]);
    const gateway = new RecordingGateway();
    const start = async (change: object = {}): Promise<EvaluationRequest> => {
      await startEvaluation(
        { db, store, gateway, resolveProblems },
        { checkpoint: 'cut/0', suite: 'validation', ...change },
      );
      return gateway.calls.at(-1)?.args[0] as EvaluationRequest;
    };
    if (opened.validation === undefined) throw new Error('the campaign has validation problems');
    const own = await describeValidation(store, config, checkpoint, opened.validation);
    expect((await start()).workflowId).toBe(own.workflowId);

    const several = await start({ samples: 4, limit: 5 });
    expect(several.workflowId).not.toBe(own.workflowId);
    const spec = await readJson<EvaluationSpec>(store, several.spec);
    expect(spec).toMatchObject({ samples: 4, temperature: 1, arms: { auto: 5, cot: 5, code: 5 } });
  } finally {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  }
});
