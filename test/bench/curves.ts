/**
 * The recorded learning curves: every method from both warm starts, three seeds, through the whole durable path.
 *
 *   npx whencode up &
 *   node --import tsx test/bench/curves.ts [--seeds 1,2,3] [--methods em,rl,rft] [--warm-starts balanced,skewed]
 *
 * Writes docs/curves.json and docs/curves.md. A campaign that exists already is followed or reused, so an interrupted
 * recording goes on where it was.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectToHome } from '../../src/api/client.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { testbedCampaign } from '../../src/demo/campaigns.ts';
import { followCampaign } from '../../src/demo/follow.ts';
import { demoIterations, requireWarmStart } from '../../src/demo/result.ts';
import { withCalls } from '../support/calls.ts';
import { curvesMarkdown, type RecordedCurve } from './curves-page.ts';

const RESULT = 'docs/curves.json';
const METHODS = ['em', 'rl', 'rft'] as const;
const WARM_STARTS = ['balanced', 'skewed'] as const;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    methods: { type: 'string', default: METHODS.join(',') },
    'warm-starts': { type: 'string', default: WARM_STARTS.join(',') },
  },
});
const seeds = values.seeds.split(',').map(Number);
const methods = METHODS.filter((method) => values.methods.split(',').includes(method));
const warmStarts = WARM_STARTS.filter((name) => values['warm-starts'].split(',').includes(name));

const client = withCalls(await connectToHome(readEnvironment().home));
const curves: RecordedCurve[] = existsSync(RESULT) ? (JSON.parse(readFileSync(RESULT, 'utf8')) as RecordedCurve[]) : [];

async function record(
  method: RecordedCurve['method'],
  warmStart: RecordedCurve['warmStart'],
  seed: number,
): Promise<RecordedCurve> {
  const name = `curves-${method}-${warmStart}-${seed}`;
  const known = (await client.listCampaigns()).some((campaign) => campaign.id === name);
  const config = await testbedCampaign(method, name, { iterations: 4, seed, warmStart });
  if (!known) await client.startCampaign(config);
  const ended = await followCampaign(client, name, (step) => requireWarmStart(step.campaign, warmStart));
  const { learningRate } = config.train.optimizer;
  return { method, warmStart, seed, learningRate, iterations: demoIterations(ended) };
}

for (const seed of seeds)
  for (const warmStart of warmStarts)
    for (const method of methods) {
      const startedAt = Date.now();
      const curve = await record(method, warmStart, seed);
      const index = curves.findIndex((c) => c.method === method && c.warmStart === warmStart && c.seed === seed);
      curves.splice(index === -1 ? curves.length : index, index === -1 ? 0 : 1, curve);
      writeFileSync(RESULT, `${JSON.stringify(curves, null, 1)}\n`);
      writeFileSync('docs/curves.md', curvesMarkdown(curves));
      const auto = curve.iterations.map((item) => item.accuracy.auto.value.toFixed(2)).join(' ');
      console.log(
        `${method} ${warmStart} seed ${seed}: auto ${auto} (${Math.round((Date.now() - startedAt) / 1000)} s)`,
      );
    }
