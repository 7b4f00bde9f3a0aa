/**
 * A grid over settings of the testbed: whole durable campaigns, one row per set of settings, all with as many rollouts as
 * 4 iterations of `em`. A row is a method and what it changes of the method's example.
 *
 *   npx whencode up &
 *   node --import tsx test/bench/settings-grid.ts [--seeds 1,2,3] [--prior 0.03] --row "rl lr=1e-4" --row "em train.klWeight=16"
 *
 * Adds to docs/settings-grid.json and writes docs/settings-grid.md. A campaign that exists already is followed or reused,
 * so an interrupted recording goes on where it was.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectToHome } from '../../src/api/client.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { ALL_SETTINGS, applySettings, parseSettings, resolveSetting } from '../../src/config/settings.ts';
import {
  atEqualRollouts,
  rolloutsPerIteration,
  type TestbedMethod,
  testbedCampaign,
} from '../../src/demo/campaigns.ts';
import { followCampaign } from '../../src/demo/follow.ts';
import { demoIterations, requireWarmStart } from '../../src/demo/result.ts';
import { canonicalJson } from '../../src/formats/canonical-json.ts';
import { withCalls } from '../support/calls.ts';
import { BALANCED_PRIOR } from './curves-page.ts';
import { gridMarkdown, type RecordedRow } from './settings-grid-page.ts';

const RESULT = 'docs/settings-grid.json';
const METHODS: readonly TestbedMethod[] = ['em', 'rl', 'rft'];

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    prior: { type: 'string', default: '0.03' },
    row: { type: 'string', multiple: true, default: [] },
  },
});
const seeds = values.seeds.split(',').map(Number);
const prior = Number(values.prior);
const client = withCalls(await connectToHome(readEnvironment().home));
const readRows = (): RecordedRow[] =>
  existsSync(RESULT) ? (JSON.parse(readFileSync(RESULT, 'utf8')) as RecordedRow[]) : [];

async function record(row: string, seed: number): Promise<RecordedRow> {
  const [name = '', ...texts] = row.split(/\s+(?=\S+=)/);
  const method = METHODS.find((known) => known === name);
  if (method === undefined) throw new Error(`"${row}" begins with no method; allowed are ${METHODS.join(', ')}`);
  const settings = parseSettings(texts, (given) => resolveSetting(given, ALL_SETTINGS));
  const digest = createHash('sha256')
    .update(canonicalJson([method, prior, settings]))
    .digest('hex');
  const id = `settings-${digest.slice(0, 8)}-${seed}`;
  const warmStart = prior === BALANCED_PRIOR ? 'balanced' : 'skewed';
  const options = { iterations: 4, seed, warmStart, ...(warmStart === 'skewed' && { skewTo: prior }) } as const;
  const example = await testbedCampaign(method, id, options);
  const config = atEqualRollouts(
    applySettings(example, settings, ALL_SETTINGS),
    await testbedCampaign('em', id, options),
  );
  const known = (await client.listCampaigns()).some((campaign) => campaign.id === id);
  if (!known) await client.startCampaign(config);
  const ended = await followCampaign(client, id, (step) => requireWarmStart(step.campaign, warmStart));
  return { row, prior, seed, iterations: demoIterations(ended, { rollouts: rolloutsPerIteration(config) }) };
}

for (const row of values.row)
  for (const seed of seeds) {
    const startedAt = Date.now();
    const recorded = await record(row, seed);
    // Read anew: another recording may have written meanwhile.
    const others = readRows().filter((r) => r.row !== row || r.prior !== prior || r.seed !== seed);
    const rows = [...others, recorded];
    writeFileSync(RESULT, `${JSON.stringify(rows, null, 1)}\n`);
    writeFileSync('docs/settings-grid.md', gridMarkdown(rows));
    const auto = recorded.iterations.map((item) => item.accuracy.auto.value.toFixed(2)).join(' ');
    console.log(
      `${row} π(code) ${prior} seed ${seed}: auto ${auto} (${Math.round((Date.now() - startedAt) / 1000)} s)`,
    );
  }
