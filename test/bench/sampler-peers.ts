/**
 * Our sampler beside llama.cpp, vLLM on CPU and transformers.js: the same model, machine and minutes; decoding behind a
 * shared prompt, one engine after the other in each round.
 *
 * `npx tsx test/bench/sampler-peers.ts --scratch DIR [--model DIR] [--engines a,b] [--batches 1,8,32,64] [--rounds 1]
 * [--prompt 128] [--new 128]` appends to `DIR/results.jsonl` and prints the medians of all that is there for these sizes.
 * `--cpu` is for a machine that is never quiet: one thread each, tokens per second of processor time, from the
 * difference between a run with a quarter of the new tokens and one with all of them (start and prompt fall out).
 * Where others use the machine too, `--quiet 10` drops runs during which they had more than 10 % of it.
 * Each peer is installed by its script: test/bench/sampler/install-*.sh SCRATCH, vLLM by
 * test/bench/served/install-vllm.mjs SCRATCH/vllm.
 */
import { execFile } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const { values } = parseArgs({
  options: {
    scratch: { type: 'string' },
    model: { type: 'string', default: '.whencode/models/smollm2-135m-instruct' },
    engines: { type: 'string' },
    batches: { type: 'string', default: '1,8,32,64' },
    rounds: { type: 'string', default: '1' },
    prompt: { type: 'string', default: '128' },
    new: { type: 'string', default: '128' },
    cpu: { type: 'boolean', default: false },
    quiet: { type: 'string', default: '100' },
  },
});
const { scratch, model, prompt } = values;
let fresh = values.new;
if (scratch === undefined) throw new Error('--scratch DIR is needed: where the peers are installed');
const threads = values.cpu ? '1' : `${availableParallelism()}`;
/** Of the last run: processor time, and the largest memory of one of its processes. */
let cpuSeconds = 0;
let memoryMb = 0;
/** Percent of the machine that others had meanwhile, the host included. */
let othersPercent = 0;
const WITH_USAGE = `import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("usage", used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)
sys.exit(code)`;
const here = (file: string): string => fileURLToPath(new URL(`./sampler/${file}`, import.meta.url));

interface Result {
  readonly engine: string;
  readonly batch: number;
  readonly prompt: string;
  readonly fresh: string;
  readonly tokensPerSecond: number;
  readonly firstTokenMs: number;
  /** With the largest batch of the run. */
  readonly memoryMb: number;
}
type Measured = Omit<Result, 'engine' | 'prompt' | 'fresh' | 'memoryMb'>;
type Engine = (batches: readonly string[]) => Promise<Measured[]>;

/** Seconds that this machine's processors were not idle since it started. */
async function busySeconds(): Promise<number> {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (await readFile('/proc/stat', 'utf8'))
    .split('\n', 1)
    .flatMap((line) => line.split(/\s+/).map(Number));
  return (user + nice + system + irq + softirq + steal) / 100;
}

async function jsonLines<T>(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<T[]> {
  const [startedAt, busy] = [performance.now(), await busySeconds()];
  const { stdout, stderr } = await promisify(execFile)('python3', ['-c', WITH_USAGE, program, ...args], {
    env: { ...process.env, OMP_NUM_THREADS: threads, ...env },
    maxBuffer: 2 ** 26,
  });
  const [, cpu, megabytes] = /^usage ([\d.]+) ([\d.]+)$/m.exec(stderr) ?? [];
  cpuSeconds = Number(cpu);
  memoryMb = Number(megabytes);
  const seconds = ((performance.now() - startedAt) / 1000) * availableParallelism();
  othersPercent = Math.max(0, (100 * ((await busySeconds()) - busy - cpuSeconds)) / seconds);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as T);
}

const ours =
  (compute: string): Engine =>
  (batches) =>
    jsonLines(process.execPath, [
      '--import',
      'tsx',
      here('ours.ts'),
      model,
      compute,
      threads,
      prompt,
      fresh,
      ...batches,
    ]);

/** Its own bench, built for this machine, which draws no tokens; `-pps`: the prompt is computed once and shared. */
const llamaCpp =
  (type: string): Engine =>
  async (batches) => {
    const root = join(scratch, 'llama.cpp');
    const args = ['-m', join(root, `model-${type}.gguf`), '-npp', prompt, '-ntg', fresh, '-npl', batches.join(',')];
    const context = Number(prompt) + Math.max(...batches.map(Number)) * (Number(fresh) + Number(prompt));
    const limits = ['-c', `${context}`, '-t', threads, '-tb', threads, '-pps', '--output-format', 'jsonl'];
    const program = join(root, 'build/bin/llama-batched-bench');
    const lines = await jsonLines<{ pl: number; t_pp: number; t_tg: number; speed_tg: number }>(program, [
      ...args,
      ...limits,
    ]);
    return lines.map(({ pl, t_pp, t_tg, speed_tg }) => ({
      batch: pl,
      tokensPerSecond: speed_tg,
      firstTokenMs: (t_pp + t_tg / Number(fresh)) * 1000,
    }));
  };

const vllm =
  (dtype: string): Engine =>
  (batches) =>
    jsonLines(join(scratch, 'vllm/bin/python'), [here('bench_vllm.py'), model, dtype, prompt, fresh, ...batches], {
      VLLM_TARGET_DEVICE: 'cpu',
      VLLM_CPU_KVCACHE_SPACE: '2',
      // By itself it leaves a core to its server.
      VLLM_CPU_OMP_THREADS_BIND: 'nobind',
      VLLM_LOGGING_LEVEL: 'ERROR',
      HF_HUB_OFFLINE: '1',
    });

const ENGINES: Record<string, Engine> = {
  'ours fp32': ours('fp32'),
  'ours w8a8': ours('w8a8'),
  'llama.cpp F32': llamaCpp('f32'),
  'llama.cpp BF16': llamaCpp('bf16'),
  'node-llama-cpp F32': (batches) =>
    jsonLines(process.execPath, [here('node-llama-cpp.mjs'), scratch, threads, prompt, fresh, ...batches]),
  'vLLM fp32': vllm('float32'),
  'vLLM bf16': vllm('bfloat16'),
  'transformers.js': (batches) =>
    jsonLines(process.execPath, [here('transformers-js.mjs'), scratch, prompt, fresh, ...batches]),
};

const resultsFile = join(scratch, values.cpu ? 'results-cpu.jsonl' : 'results.jsonl');
const wanted = values.engines?.split(',') ?? Object.keys(ENGINES);
/** Tokens a second of processor time. */
async function measureCpu(name: string, run: Engine, batch: string): Promise<Measured> {
  const all = values.new;
  fresh = `${Math.ceil(Number(all) / 4)}`;
  await run([batch]);
  const [few, fewSeconds] = [Number(fresh), cpuSeconds];
  fresh = all;
  const [{ firstTokenMs } = { firstTokenMs: 0 }] = await run([batch]);
  const tokens = Number(batch) * (Number(all) - few);
  if (!(cpuSeconds > fewSeconds)) throw new Error(`${name}: no difference in processor time; ask for more tokens`);
  return { batch: Number(batch), tokensPerSecond: tokens / (cpuSeconds - fewSeconds), firstTokenMs };
}

for (let round = 0; round < Number(values.rounds); round++)
  for (const name of wanted) {
    const run = ENGINES[name];
    if (run === undefined) throw new Error(`no engine ${name}; there are ${Object.keys(ENGINES).join(', ')}`);
    const batches = values.batches.split(',');
    const found: Measured[] = [];
    if (values.cpu) for (const batch of batches) found.push(await measureCpu(name, run, batch));
    else found.push(...(await run(batches)));
    const meanwhile = `others had ${othersPercent.toFixed(0)} % of the machine`;
    if (othersPercent > Number(values.quiet)) {
      console.log(`${name}: dropped, ${meanwhile}`);
      continue;
    }
    for (const measured of found) {
      const result: Result = { engine: name, prompt, fresh, ...measured, memoryMb };
      await appendFile(resultsFile, `${JSON.stringify(result)}\n`);
      const { batch, tokensPerSecond, firstTokenMs } = result;
      const figures = `${tokensPerSecond.toFixed(0)} tokens/s, first token ${firstTokenMs.toFixed(0)} ms`;
      console.log(`${name}, batch ${batch}: ${figures}, ${memoryMb.toFixed(0)} MB; ${meanwhile}`);
    }
  }
await printMedians();

async function printMedians(): Promise<void> {
  const lines = (await readFile(resultsFile, 'utf8')).trim().split('\n');
  const results = lines.map((line) => JSON.parse(line) as Result);
  const here = results.filter((result) => result.prompt === prompt && result.fresh === fresh);
  const batches = [...new Set(here.map(({ batch }) => batch))].sort((a, b) => a - b);
  const median = (found: readonly number[]): string =>
    [...found].sort((a, b) => a - b)[found.length >> 1]?.toFixed(0) ?? '-';
  console.log(`\ntokens/s (runs), first token; medians; ${prompt} shared + ${fresh} new`);
  console.log(`| engine | ${batches.join(' | ')} | MB |`);
  for (const name of Object.keys(ENGINES)) {
    const runs = here.filter(({ engine }) => engine === name);
    const cells = batches.map((batch) => {
      const found = runs.filter((result) => result.batch === batch);
      const speed = median(found.map(({ tokensPerSecond }) => tokensPerSecond));
      const first = median(found.map(({ firstTokenMs }) => firstTokenMs));
      return found.length === 0 ? '-' : `${speed} (${found.length}), ${first} ms`;
    });
    if (runs.length > 0)
      console.log(`| ${name} | ${cells.join(' | ')} | ${Math.max(...runs.map((run) => run.memoryMb)).toFixed(0)} |`);
  }
}
