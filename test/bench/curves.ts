/**
 * The recorded learning curves: every method from its warm starts, on some seeds, through the whole durable path, all with
 * as many rollouts as `em`.
 *
 *   npx whencode up &
 *   node --import tsx test/bench/curves.ts [--seeds 1,2,3] [--methods em,rl,rft,dpo] [--priors 0.5,0.03] [--tag x]
 *
 * `--priors` names the warm starts by their π(code); 0.5 is the balanced one. Writes docs/curves.json, docs/curves.md and
 * the Markdown and charts of the product's report on every warm start that has several seeds. `--tag` names other
 * campaigns, for a recording after an example has changed. A campaign that exists already is followed or reused, so an interrupted recording goes on where it was.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ask, connectToHome } from '../../src/api/client.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { atEqualRollouts, rolloutsPerIteration, testbedCampaign } from '../../src/demo/campaigns.ts';
import { followCampaign } from '../../src/demo/follow.ts';
import { demoIterations, requireWarmStart } from '../../src/demo/result.ts';
import { DATA_FILE, PAGE_FILE, reportFiles } from '../../src/reports/report-files.ts';
import { withCalls } from '../support/calls.ts';
import { BALANCED_PRIOR, curvesMarkdown, type RecordedCurve, reportedPriors, reportFolder } from './curves-page.ts';

const RESULT = 'docs/curves.json';
const METHODS = ['em', 'rl', 'rft', 'dpo'] as const;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    methods: { type: 'string', default: METHODS.join(',') },
    priors: { type: 'string', default: `${BALANCED_PRIOR},0.03` },
    tag: { type: 'string', default: '' },
  },
});
const seeds = values.seeds.split(',').map(Number);
const methods = METHODS.filter((method) => values.methods.split(',').includes(method));
const priors = values.priors.split(',').map(Number);

const client = withCalls(await connectToHome(readEnvironment().home));
const curves: RecordedCurve[] = existsSync(RESULT) ? (JSON.parse(readFileSync(RESULT, 'utf8')) as RecordedCurve[]) : [];

const campaignOf = (method: RecordedCurve['method'], prior: number, seed: number): string =>
  ['curves', method, `p${String(prior).slice(2)}`, ...(values.tag === '' ? [] : [values.tag]), seed].join('-');

async function record(method: RecordedCurve['method'], prior: number, seed: number): Promise<RecordedCurve> {
  const name = campaignOf(method, prior, seed);
  const known = (await client.listCampaigns()).some((campaign) => campaign.id === name);
  const warmStart = prior === BALANCED_PRIOR ? 'balanced' : 'skewed';
  const options = { iterations: 4, seed, warmStart, ...(warmStart === 'skewed' && { skewTo: prior }) } as const;
  const config = atEqualRollouts(
    await testbedCampaign(method, name, options),
    await testbedCampaign('em', name, options),
  );
  if (!known) await client.startCampaign(config);
  const ended = await followCampaign(client, name, (step) => requireWarmStart(step.campaign, warmStart));
  return {
    method,
    prior,
    seed,
    campaign: name,
    iterations: demoIterations(ended, { rollouts: rolloutsPerIteration(config) }),
  };
}

for (const seed of seeds)
  for (const prior of priors)
    for (const method of methods) {
      const startedAt = Date.now();
      const curve = await record(method, prior, seed);
      const index = curves.findIndex((c) => c.method === method && c.prior === prior && c.seed === seed);
      curves.splice(index === -1 ? curves.length : index, index === -1 ? 0 : 1, curve);
      writeFileSync(RESULT, `${JSON.stringify(curves, null, 1)}\n`);
      writeFileSync('docs/curves.md', curvesMarkdown(curves));
      const auto = curve.iterations.map((item) => item.accuracy.auto.value.toFixed(2)).join(' ');
      console.log(
        `${method} π(code) ${prior} seed ${seed}: auto ${auto} (${Math.round((Date.now() - startedAt) / 1000)} s)`,
      );
    }

for (const prior of reportedPriors(curves)) {
  const campaigns = curves.filter((curve) => curve.prior === prior).map(({ campaign }) => campaign);
  const report = await ask(client.api.reports.$get({ query: { campaigns: campaigns.join(',') } }));
  for (const [name, text] of await reportFiles(report)) {
    if (name === DATA_FILE || name === PAGE_FILE) continue;
    const file = join('docs', reportFolder(prior), name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
