/**
 * How much of its steady state our sampler keeps on rollouts as they come: 16 problems x 16 samples, lognormal lengths of
 * mean 64, two of five stop for 24 tokens of tool output and go on. A shard a problem, all shards at once.
 *
 * `npx tsx test/bench/sampler/end-to-end.ts [MODEL] [--compute fp32] [--rows 64] [--rounds 1]
 * [--kinds equal,spread,tools]`
 *
 * The steady state is the speed of `rows` rollouts of 128 tokens behind one prompt, in the same run, before and after.
 * Rollouts end by stop strings under a budget of 512 tokens, so the scheduler knows nothing of their lengths. For that
 * they are sampled once beforehand: the same seed writes the same tokens, and what it wrote last is its stop string.
 */
import { parseArgs } from 'node:util';
import type { SamplerCompute } from '../../../src/models/weight-layout.ts';
import { createOnnxSampler } from '../../../src/sampler/onnx-sampler.ts';
import { readTokenizer } from '../../../src/sampler/tokenizer.ts';
import type { GenerateRequest, Generation, Turn } from '../../../src/sampler/types.ts';
import { endlessModel } from './endless-model.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    compute: { type: 'string', default: 'fp32' },
    rows: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '1' },
    kinds: { type: 'string', default: 'equal,spread,tools' },
  },
});
const [PROBLEMS, SAMPLES, MEAN_TOKENS, TOLD_TOKENS, BUDGET_TOKENS] = [16, 16, 64, 24, 512];
/** Of the logarithm of the lengths: the longest of 256 is about four times the mean. */
const SPREAD = 0.6;
const TOOL_SHARE = 0.4;
const TOOL_MS = 100;

const rows = Number(values.rows);
const modelDirectory = await endlessModel(positionals[0] ?? '.whencode/models/smollm2-135m-instruct');
const tokenizer = await readTokenizer(modelDirectory);
const sampler = await createOnnxSampler({
  modelDirectory,
  compute: values.compute as SamplerCompute,
  maxRows: rows,
  kvBudgetBytes: 6e9,
});

/** What one rollout writes in each of its turns. */
interface Plan {
  readonly id: string;
  readonly promptIds: readonly number[];
  readonly lengths: readonly number[];
}

let randomState = 12345;
function random(): number {
  randomState = (Math.imul(randomState, 1103515245) + 12345) & 0x7fffffff;
  return (randomState + 0.5) / 2 ** 31;
}

function lognormal(): number {
  const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const tokens = Math.exp(Math.log(MEAN_TOKENS) - SPREAD ** 2 / 2 + SPREAD * normal);
  return Math.min(BUDGET_TOKENS - 1, Math.max(4, Math.round(tokens)));
}

async function problem(index: number): Promise<readonly number[]> {
  const worked = [1, 2, 3].map(
    (n) => `Worked example ${n}: ${7 * n + index} apples at ${n + 2} cents each cost
${(7 * n + index) * (n + 2)} cents, because one multiplies the number by the price.`,
  );
  const question = `A train goes ${40 + 3 * index} km in ${30 + index} minutes. How far does it go in two hours?`;
  return tokenizer.encode(await tokenizer.renderChat([{ role: 'user', content: [...worked, question].join('\n') }]));
}

const appended = tokenizer.encode(
  '\n```output\n42 is what the program printed, after it had computed for a while\n```\n',
);
const toldIds = Array.from({ length: TOLD_TOKENS }, (_, i) => appended[i % appended.length] ?? 0);

/** `equal` lengths, a `spread` of them, a spread and `tools`. */
const prompts = await Promise.all(Array.from({ length: PROBLEMS }, (_, p) => problem(p)));

function plans(kind: string): Plan[][] {
  randomState = 12345;
  return Array.from({ length: PROBLEMS }, (_, p) =>
    Array.from({ length: SAMPLES }, (_, k) => {
      const tokens = kind === 'equal' ? MEAN_TOKENS : lognormal();
      const isTool = random() < TOOL_SHARE && kind === 'tools';
      const first = Math.ceil(tokens / 2);
      return { id: `${p}/${k}`, promptIds: prompts[p] ?? [], lengths: isTool ? [first, tokens - first] : [tokens] };
    }),
  );
}

type StopOf = (id: string, turn: number) => string | undefined;

/** One shard: its rollouts, the tool's time, and the rollouts that go on. Returns what was written, by id. */
async function playShard(shard: readonly Plan[], stopOf: StopOf): Promise<Map<string, number[][]>> {
  const written = new Map<string, number[][]>(shard.map(({ id }) => [id, []]));
  for (let turn = 0; turn < 2; turn++) {
    const playing = shard.filter(({ lengths }) => lengths.length > turn);
    if (playing.length === 0) break;
    if (turn > 0) await new Promise((resolve) => setTimeout(resolve, TOOL_MS));
    const requests = playing.map(({ id, promptIds, lengths }): GenerateRequest => {
      const past = written.get(id) ?? [];
      const stop = stopOf(id, turn);
      const turns: Turn[] = past.map((ids) => ({ written: ids.length, appended: TOLD_TOKENS }));
      return {
        id,
        promptIds: [...promptIds, ...past.flatMap((ids) => [...ids, ...toldIds])],
        seed: id,
        maxNewTokens: stop === undefined ? (lengths[turn] ?? 1) : BUDGET_TOKENS,
        temperature: 1,
        stopStrings: stop === undefined ? [] : [stop],
        mayContinue: lengths.length > turn + 1,
        ...(turns.length === 0 ? {} : { turns }),
      };
    });
    for (const { id, tokenIds, past } of await sampler.generate(requests)) {
      written.get(id)?.push([...tokenIds]);
      if (past !== undefined) pasts[past]++;
    }
  }
  return written;
}

const pasts: Record<NonNullable<Generation['past']>, number> = { kept: 0, recomputed: 0 };

async function play(shards: readonly Plan[][], stopOf: StopOf): Promise<Map<string, number[][]>> {
  const found = await Promise.all(shards.map((shard) => playShard(shard, stopOf)));
  return new Map(found.flatMap((shard) => [...shard]));
}

/** The shortest text of the last tokens that is nowhere before; undefined if there is none of a few tokens. */
function stopString(ids: readonly number[]): string | undefined {
  const whole = tokenizer.decode(ids);
  for (let count = 1; count <= Math.min(8, ids.length); count++) {
    const text = tokenizer.decode(ids.slice(-count));
    if (!text.includes('\ufffd') && text !== '' && whole.indexOf(text) === whole.length - text.length) return text;
  }
  return undefined;
}

async function steadyState(): Promise<number> {
  const promptIds = Array.from({ length: 128 }, (_, i) => 1000 + ((i * 37) % 40_000));
  const run = async (maxNewTokens: number): Promise<number> => {
    const startedAt = performance.now();
    const options = { promptIds, maxNewTokens, temperature: 1, stopStrings: [] };
    await sampler.generate(Array.from({ length: rows }, (_, i) => ({ id: `${i}`, seed: `${i}`, ...options })));
    return (performance.now() - startedAt) / 1000;
  };
  await run(2);
  const first = await run(1);
  return (rows * 127) / ((await run(128)) - first);
}

for (let round = 0; round < Number(values.rounds); round++)
  for (const kind of values.kinds.split(',')) {
    const shards = plans(kind);
    const rehearsed = await play(shards, () => undefined);
    const stops = new Map([...rehearsed].map(([id, turns]) => [id, turns.map(stopString)]));
    const before = await steadyState();
    Object.assign(pasts, { kept: 0, recomputed: 0 });
    const startedAt = performance.now();
    const found = await play(shards, (id, turn) => stops.get(id)?.[turn]);
    const seconds = (performance.now() - startedAt) / 1000;
    const after = await steadyState();
    for (const [id, turns] of found)
      if (JSON.stringify(turns) !== JSON.stringify(rehearsed.get(id)))
        throw new Error(`rollout ${id} is not what the same seed wrote before`);
    const tokens = [...found.values()].flat().reduce((sum, ids) => sum + ids.length, 0);
    const lengths = shards.flat().map(({ lengths }) => lengths.reduce((sum, length) => sum + length, 0));
    const steady = (before + after) / 2;
    console.log(
      JSON.stringify({
        kind,
        compute: values.compute,
        tokens,
        longest: Math.max(...lengths),
        seconds,
        tokensPerSecond: tokens / seconds,
        steady,
        share: tokens / seconds / steady,
        ...pasts,
      }),
    );
  }
await sampler.close();
