/**
 * Where the time of a decode step goes, by ONNX Runtime's own profile of one thread: each operator's 15th percentile over
 * the steps, so that a machine which others use too shows little of them.
 *
 * `npx tsx test/bench/sampler/profile-step.ts [MODEL] [--compute fp32] [--rows 32] [--prefix 128] [--suffix 96] [--steps 20]`
 */
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession } from 'onnxruntime-node';
import { readModelConfig } from '../../../src/models/model-config.ts';
import type { SamplerCompute } from '../../../src/models/weight-layout.ts';
import { loadDecoderModel } from '../../../src/sampler/decoder-model.ts';
import { DecoderSession } from '../../../src/sampler/engine/decoder-session.ts';
import { KvBuffer } from '../../../src/sampler/engine/kv-buffer.ts';
import { DRAW } from '../../../src/sampler/graph/readout.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    compute: { type: 'string', default: 'fp32' },
    rows: { type: 'string', default: '32' },
    prefix: { type: 'string', default: '128' },
    suffix: { type: 'string', default: '96' },
    steps: { type: 'string', default: '20' },
  },
});
const [rows, prefixPlaces, suffixPlaces] = [values.rows, values.prefix, values.suffix].map(Number) as [
  number,
  number,
  number,
];
const directory = positionals[0] ?? '.whencode/models/smollm2-135m-instruct';
const scratch = await mkdtemp(join(tmpdir(), 'whencode-profile-'));

const config = await readModelConfig(directory);
const session = await createProfiled();
const step = syntheticStep();
for (let i = 0; i < Number(values.steps); i++) await session.decoder.run(step);
session.inference.endProfiling();
const [file = ''] = await readdir(scratch);
print(JSON.parse(await readFile(join(scratch, file), 'utf8')));
process.exit(0);

/** The engine's session with its options, and profiling on top. */
async function createProfiled(): Promise<{ decoder: DecoderSession; inference: InferenceSession }> {
  const create = InferenceSession.create.bind(InferenceSession) as (
    model: Uint8Array,
    options: InferenceSession.SessionOptions,
  ) => Promise<InferenceSession>;
  let inference: InferenceSession | undefined;
  const profiled = async (model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> => {
    inference = await create(model, { ...options, enableProfiling: true, profileFilePrefix: join(scratch, 'steps') });
    return inference;
  };
  Object.assign(InferenceSession, { create: profiled });
  const decoder = await DecoderSession.create(
    await loadDecoderModel(directory, config, values.compute as SamplerCompute),
  );
  if (inference === undefined) throw new Error('no session was made');
  return { decoder, inference };
}

/** One token for each row behind full buffers of one prompt. Numbers of no meaning, but untouched memory would be faster. */
function syntheticStep(): Parameters<DecoderSession['run']>[0] {
  const prefix = new KvBuffer(config, 'prefix');
  const suffix = new KvBuffer(config, 'suffix');
  prefix.reshape(1, prefixPlaces, 0);
  suffix.reshape(rows, suffixPlaces, 0);
  for (const buffer of [prefix, suffix])
    for (const { data } of Object.values(buffer.feeds(0, buffer.slots)))
      if (data instanceof Float32Array) for (let i = 0; i < data.length; i++) data[i] = Math.sin(i);
  const each = Int32Array.from({ length: rows }, (_, row) => row);
  return {
    rows,
    tokensPerRow: 1,
    tokenIds: each,
    positions: new Int32Array(rows).fill(prefixPlaces + suffixPlaces - 1),
    prefix: { feeds: prefix.feeds(0, 1), groups: 1, places: prefixPlaces },
    suffix: { feeds: suffix.feeds(0, rows), places: suffixPlaces },
    prefixLengths: [prefixPlaces],
    suffixLengths: new Int32Array(rows).fill(suffixPlaces),
    groupRows: each,
    rowPlaces: each,
    readout: {
      places: each,
      inverseTemperatures: new Float32Array(rows).fill(1),
      uniforms: new Float32Array(rows * 2).fill(0.3),
      wantedTokens: new Int32Array(rows).fill(DRAW),
    },
  };
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args: { readonly op_name?: string };
}

function print(events: readonly ProfileEvent[]): void {
  const nodes = new Map<string, { operator: string; micros: number[] }>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const node = nodes.get(name) ?? { operator: args.op_name ?? '', micros: [] };
    node.micros.push(dur);
    nodes.set(name, node);
  }
  const operators = new Map<string, { ms: number; count: number }>();
  for (const { operator, micros } of nodes.values()) {
    const { ms, count } = operators.get(operator) ?? { ms: 0, count: 0 };
    const typical = micros.sort((a, b) => a - b)[Math.floor(micros.length * 0.15)] ?? 0;
    operators.set(operator, { ms: ms + typical / 1000, count: count + 1 });
  }
  const total = [...operators.values()].reduce((sum, { ms }) => sum + ms, 0);
  console.log(`${values.compute}, ${rows} rows, ${prefixPlaces} + ${suffixPlaces} places: ${total.toFixed(1)} ms`);
  for (const [operator, { ms, count }] of [...operators].sort(([, a], [, b]) => b.ms - a.ms))
    console.log(
      `${operator.padEnd(34)} ${ms.toFixed(2).padStart(7)} ms ${((100 * ms) / total).toFixed(1)} %, ${count} nodes`,
    );
}
