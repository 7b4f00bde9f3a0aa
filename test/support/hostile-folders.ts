/** Model folders that are out to hang, fill or open what they are read by; each begins as a folder that is taken. */
import { execFileSync } from 'node:child_process';
import { mkdir, open, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Random } from '../../src/formats/random.ts';
import { writeSafetensors } from '../../src/formats/safetensors.ts';
import { checkpointTensors } from '../../src/models/checkpoint-tensors.ts';
import { parseModelConfig } from '../../src/models/model-config.ts';
import { HOSTILE_TEMPLATES } from './hostile-templates.ts';
import { tinyModelConfig } from './model-config.ts';
import { writeTokenizerFolder } from './tokenizer-folders.ts';

const CONFIG = tinyModelConfig({ vocab_size: 300 });
const TEMPLATE = '{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}[assistant]';
const WEIGHTS = 'model.safetensors';
const TEXTS = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'chat_template.jinja',
];

/** A model that is taken: tiny, with a tokenizer and a chat template. */
export async function writeModelFolder(folder: string): Promise<void> {
  await writeTokenizerFolder(folder, 'byte-level', { 'config.json': CONFIG, 'chat_template.jinja': TEMPLATE });
  const tensors = [...checkpointTensors(parseModelConfig(CONFIG, 'config.json'))].map(([name, shape]) => {
    const bytes = new Uint8Array(4 * shape.reduce((product, size) => product * size, 1));
    return [name, { type: 'F32', shape, bytes }] as const;
  });
  await writeFile(join(folder, WEIGHTS), writeSafetensors(new Map(tensors)));
}

type Spoil = (folder: string, random: Random) => Promise<unknown>;

const oneOf = <T>(random: Random, items: readonly T[]): T => {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
};

/** Replaces a file by what `make` puts in its place. */
async function replace(folder: string, name: string, make: (path: string) => Promise<unknown>): Promise<void> {
  await rm(join(folder, name), { force: true });
  await make(join(folder, name));
}

const nest = (depth: number, kind: number): string =>
  kind === 0 ? `${'['.repeat(depth)}${']'.repeat(depth)}` : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

async function writeHeader(folder: string, headerBytes: bigint, header: string | Buffer, fileBytes = 0): Promise<void> {
  const first = Buffer.alloc(8);
  first.writeBigUInt64LE(headerBytes);
  await writeFile(join(folder, WEIGHTS), Buffer.concat([first, Buffer.from(header)]));
  if (fileBytes > 0) await truncate(join(folder, WEIGHTS), fileBytes);
}

/** The weights with another header over the same data. */
async function changeHeader(folder: string, change: (header: Record<string, Entry>) => unknown): Promise<void> {
  const bytes = await readFile(join(folder, WEIGHTS));
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, Entry>;
  const changed = change(header) ?? header;
  const text = Buffer.from(JSON.stringify(changed));
  await writeHeader(folder, BigInt(text.length), Buffer.concat([text, bytes.subarray(8 + length)]));
}

interface Entry {
  dtype: unknown;
  shape: unknown;
  data_offsets: unknown;
}

async function changeTokenizer(folder: string, change: Record<string, unknown>): Promise<void> {
  const path = join(folder, 'tokenizer.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
}

const SIZES = [
  'max_position_embeddings',
  'num_attention_heads',
  'num_key_value_heads',
  'hidden_size',
  'head_dim',
  'num_hidden_layers',
  'intermediate_size',
  'vocab_size',
];

export const HOSTILE_FOLDERS: Readonly<Record<string, Spoil>> = {
  'a link out': (folder, random) =>
    replace(folder, oneOf(random, [...TEXTS, WEIGHTS, 'LICENSE', 'vocab.txt', 'other']), (path) =>
      symlink(oneOf(random, ['/etc/passwd', '/proc/self/environ', '/dev/zero', '/', '../..', '/etc/hostname']), path),
    ),
  'a link to itself': (folder, random) =>
    replace(folder, oneOf(random, [...TEXTS, WEIGHTS]), async (path) => {
      await symlink('loop', path);
      await symlink(path, join(folder, 'loop'));
    }),
  'a link to nothing': (folder, random) =>
    replace(folder, oneOf(random, [...TEXTS, WEIGHTS]), (path) => symlink(`nothing\u001b[2J`, path)),
  'a pipe': (folder, random) =>
    replace(folder, oneOf(random, [...TEXTS, WEIGHTS]), async (path) => execFileSync('mkfifo', [path])),
  'a socket': (folder, random) =>
    replace(folder, oneOf(random, [...TEXTS, WEIGHTS]), async (path) => {
      const server = createServer().listen(path);
      await new Promise((resolve) => server.once('listening', resolve));
      server.unref();
    }),
  'a folder in the place of a file': (folder, random) =>
    replace(folder, oneOf(random, ['config.json', 'tokenizer.json', 'tokenizer_config.json', WEIGHTS]), (path) =>
      mkdir(path),
    ),
  'a name with control characters': (folder, random) =>
    writeFile(join(folder, `${oneOf(random, ['\u001b[2J', 'a\nb', '\u0007', '\u009b'])}.json`), '{}'),
  'ten thousand files': async (folder) => {
    await Promise.all(Array.from({ length: 10_001 }, (_, index) => writeFile(join(folder, `${index}`), '')));
  },
  'a huge sparse text': (folder, random) =>
    replace(folder, oneOf(random, TEXTS), async (path) => {
      await writeFile(path, '{');
      await truncate(path, oneOf(random, [64 * 2 ** 20 + 1, 2 ** 32, 2 ** 40]));
    }),
  'JSON of millions of empty lists': (folder, random) =>
    replace(folder, oneOf(random, ['config.json', 'tokenizer.json']), (path) =>
      writeFile(path, `{"model": {"vocab": {}}, "added_tokens": [${'[],'.repeat(15_000_000)}[]]}`),
    ),
  'deep JSON': (folder, random) =>
    replace(folder, oneOf(random, ['config.json', 'tokenizer.json', 'tokenizer_config.json']), (path) =>
      writeFile(path, `{"a": ${nest(oneOf(random, [200, 100_000, 5_000_000]), random.below(2))}}`),
    ),
  'bytes that are not JSON': (folder, random) =>
    replace(folder, oneOf(random, ['config.json', 'tokenizer.json', 'tokenizer_config.json']), (path) =>
      writeFile(path, Buffer.from(Array.from({ length: 1 + random.below(5000) }, () => random.below(256)))),
    ),
  'a header longer than the file': (folder, random) =>
    writeHeader(folder, oneOf(random, [2n ** 63n, 2n ** 64n - 1n, 10_000n, 2n ** 53n]), '{}'),
  'a sparse header': (folder, random) =>
    writeHeader(folder, BigInt(oneOf(random, [100_000_001, 600_000_000, 2 ** 40])), '{', 2 ** 41),
  'a header of spaces': (folder) => writeHeader(folder, 30_000_000n, Buffer.alloc(30_000_000, 0x20)),
  'a deep header': (folder, random) => {
    const text = `{"a": ${nest(5_000_000, random.below(2))}}`;
    return writeHeader(folder, BigInt(text.length), text);
  },
  'a header of a million tensors': (folder) => {
    const text = `{${Array.from({ length: 1_000_000 }, (_, index) => `"${index}":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}`).join(',')}}`;
    return writeHeader(folder, BigInt(text.length), `${text}x`);
  },
  'overlapping tensors': (folder, random) =>
    changeHeader(folder, (header) => {
      const same = Object.values(header).filter(({ shape }) => String(shape) === '16,16');
      const [first, second] = random.shuffle(same);
      if (first !== undefined && second !== undefined) first.data_offsets = second.data_offsets;
    }),
  'offsets out of bounds': (folder, random) =>
    changeHeader(folder, (header) => {
      const entry = oneOf(random, Object.values(header));
      entry.data_offsets = oneOf<unknown>(random, [
        [-8, 0],
        [0, 2 ** 60],
        [8, 0],
        ['0', '8'],
        [null, null],
        {},
        [0.5, 8],
      ]);
    }),
  'sizes that are no sizes': (folder, random) =>
    changeHeader(folder, (header) => {
      const entry = oneOf(random, Object.values(header));
      entry.shape = oneOf<unknown>(random, [[-1], [1e300], ['16'], 'x', { length: 2 }, [2 ** 40, 2 ** 40], [null]]);
    }),
  'a type that is no type': (folder, random) =>
    changeHeader(folder, (header) => {
      oneOf(random, Object.values(header)).dtype = oneOf<unknown>(random, [
        'constructor',
        '__proto__',
        {},
        [],
        7,
        null,
      ]);
    }),
  'tensors that are no objects': (folder, random) =>
    changeHeader(folder, (header) => ({ ...header, more: oneOf<unknown>(random, [null, [], 7, 'x']) })),
  'sparse weights': async (folder) => {
    await writeFile(
      join(folder, 'config.json'),
      JSON.stringify({ ...CONFIG, vocab_size: 2 ** 22, hidden_size: 4096, head_dim: 8 }),
    );
    const header = {
      'model.embed_tokens.weight': { dtype: 'F32', shape: [2 ** 22, 4096], data_offsets: [0, 2 ** 36] },
    };
    const text = JSON.stringify(header);
    await writeHeader(folder, BigInt(text.length), text, 8 + text.length + 2 ** 36);
  },
  'shards elsewhere': async (folder, random) => {
    await rm(join(folder, WEIGHTS));
    const name = oneOf(random, ['../x.safetensors', '/etc/passwd', 'a/b.safetensors', 'x\u001b.safetensors', '.', '']);
    const index = { weight_map: { 'model.norm.weight': name } };
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
  },
  'a million shards': async (folder) => {
    await rm(join(folder, WEIGHTS));
    const map = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`t${i}`, `${i}.safetensors`]));
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
  },
  'numbers that are no sizes': (folder, random) => {
    const value = oneOf<unknown>(random, [1e15, 2 ** 53, 1e308, -1, 0, 0.5, '16', {}, [[]], true]);
    return writeFile(join(folder, 'config.json'), JSON.stringify({ ...CONFIG, [oneOf(random, SIZES)]: value }));
  },
  'RoPE settings that are none': (folder, random) =>
    writeFile(
      join(folder, 'config.json'),
      JSON.stringify({
        ...CONFIG,
        rope_scaling: oneOf<unknown>(random, [
          'x'.repeat(1e6),
          [[]],
          7,
          { rope_type: {} },
          { factor: -1, type: 'linear' },
        ]),
      }),
    ),
  'a template that loops or fills the memory': (folder, random) =>
    writeFile(join(folder, 'chat_template.jinja'), oneOf(random, Object.values(HOSTILE_TEMPLATES))),
  'such a template in tokenizer_config.json': async (folder, random) => {
    await rm(join(folder, 'chat_template.jinja'));
    const config = { eos_token: '</s>', chat_template: oneOf(random, Object.values(HOSTILE_TEMPLATES)) };
    await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
  },
  'an expression that never ends to match': (folder, random) =>
    changeTokenizer(folder, {
      pre_tokenizer: {
        type: 'Split',
        pattern: {
          Regex: oneOf(random, ['(?:[a-z0-9+ ]+)+#', '(?:\\w|\\s|.)*(?:\\w|\\s|.)*(?:\\w|.)*#', '(.|.|.)+#']),
        },
        behavior: 'Isolated',
        invert: false,
      },
    }),
  'a tokenizer of other parts': (folder, random) =>
    changeTokenizer(
      folder,
      oneOf<Record<string, unknown>>(random, [
        { model: null },
        { model: { type: 'constructor' } },
        { model: { type: 'BPE', vocab: 7, merges: 'x' } },
        { pre_tokenizer: { type: '__proto__' } },
        { normalizer: { type: 'Sequence', normalizers: [{}] } },
        { added_tokens: [{ id: 2 ** 40, content: 'x', special: true }] },
      ]),
    ),
};

/** Bytes of a file that must not be found anywhere afterwards. */
export async function plantSecret(folder: string): Promise<string> {
  const path = join(folder, 'secret.json');
  const file = await open(path, 'w', 0o600);
  await file.writeFile('{"the secret of the owner": 1}');
  await file.close();
  return path;
}
