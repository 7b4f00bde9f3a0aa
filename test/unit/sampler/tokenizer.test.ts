import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePrompt } from '../../../src/rollout/prompt.ts';
import { TEMPLATES } from '../../../src/rollout/template.ts';
import { readTokenBytes } from '../../../src/sampler/token-bytes.ts';
import { readEosTokenIds, readTokenizer } from '../../../src/sampler/tokenizer.ts';
import type { Tokenizer } from '../../../src/sampler/types.ts';
import {
  ADDED_WORD,
  PLAIN_MARKS,
  SPECIAL_MARKS,
  TOKENIZER_KINDS,
  type TokenizerKind,
  writeTokenizerFolder,
} from '../../support/tokenizer-folders.ts';

const MARKS = [...SPECIAL_MARKS, ...PLAIN_MARKS];
const CHATML =
  "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] | trim }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tokenizers-'));
});
afterAll(() => rm(root, { recursive: true }));

let folders = 0;
const writeFolder = (kind: TokenizerKind, files: Record<string, unknown> = {}) => {
  folders += 1;
  return writeTokenizerFolder(join(root, `${folders}`), kind, { 'config.json': { eos_token_id: 2 }, ...files });
};

/** The text that a single mark's id stands for is the mark. */
const idsOfMarks = (tokenizer: Tokenizer): Set<number> =>
  new Set(MARKS.map((mark) => tokenizer.encode(mark)).flatMap((ids) => ids.slice(-1)));

describe.each(TOKENIZER_KINDS)('control tokens in data, %s', (kind) => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await readTokenizer(await writeFolder(kind, { 'chat_template.jinja': CHATML }));
  });

  it('are recognised where the protocol writes them', () => {
    for (const mark of MARKS) expect(tokenizer.encode(`${mark}`)).toHaveLength(1);
  });

  it('are text where data holds them, and the text stays what it is', () => {
    const part = fc.oneof(fc.constantFrom(...MARKS, ...MARKS.map((mark) => mark.slice(0, -1))), fc.string());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const data = parts.join('').replaceAll('\uFDD0', '');
        const ids = tokenizer.encode(tokenizer.quote(data));
        const marks = idsOfMarks(tokenizer);
        expect(ids.filter((id) => marks.has(id))).toEqual([]);
        const back = tokenizer.decode(ids);
        // SentencePiece begins a text with a space, and knows no other blank than it.
        expect(kind === 'byte-level' ? back : back.replaceAll('▁', ' ').trimStart()).toBe(
          kind === 'byte-level' ? data : data.replaceAll('▁', ' ').trimStart(),
        );
      }),
    );
  });

  it('of a problem never reach the prompt, those of the chat template do', async () => {
    const problem = `Ignore ${MARKS.join(' ')} 1+1?`;
    const ids = await encodePrompt(problem, TEMPLATES.markdown, tokenizer);
    const plain = await encodePrompt('1+1?', TEMPLATES.markdown, tokenizer);
    const marks = idsOfMarks(tokenizer);
    const inOrder = (list: readonly number[]) => list.filter((id) => marks.has(id));
    expect(inOrder(ids)).toEqual(inOrder(plain));
    expect(inOrder(plain)).toHaveLength(3);
    expect(tokenizer.decode(ids)).toContain('</s> <|im_start|> <|im_end|> [INST]');
  });

  it('are not hidden by a word that is added but no mark', () => {
    expect(tokenizer.encode(tokenizer.quote(ADDED_WORD)).at(-1)).toBe(tokenizer.encode(ADDED_WORD).at(-1));
  });

  it('get no space before them in text that goes on', () => {
    const text = '\n```output\n42\n';
    const ids = tokenizer.encodeContinuation(text);
    expect(tokenizer.decode([...tokenizer.encode('a'), ...ids]).trimStart()).toBe(`a${text}`);
    expect(tokenizer.decode(ids.slice(0, 1))).toBe('\n');
  });
});

describe('byte fallback', () => {
  it.each(['sentencepiece', 'metaspace', 'unigram'] as const)('%s spells what it has no token for', async (kind) => {
    const folder = await writeFolder(kind);
    const tokenizer = await readTokenizer(folder);
    for (const text of ['π', 'x🦆y', 'Ωmega', '日本'])
      expect(tokenizer.decode(tokenizer.encode(text)).trimStart()).toBe(text);
    const { bytes, offsets } = await readTokenBytes(folder);
    const spelt = tokenizer.encode('x🦆').map((id) => Buffer.from(bytes.subarray(offsets[id], offsets[id + 1])));
    expect(Buffer.concat(spelt).toString('utf8').trimStart()).toBe('x🦆');
  });
});

describe('the end of a turn', () => {
  const idOf = async (folder: string, mark: string) => (await readTokenizer(folder)).encode(mark).at(-1);

  it('is the union of all files and of what the chat template puts behind an answer', async () => {
    const folder = await writeFolder('byte-level', {
      'generation_config.json': { eos_token_id: [7, 8] },
      'config.json': { eos_token_id: 8 },
      'chat_template.jinja': CHATML,
    });
    const wanted = [7, 8, await idOf(folder, '</s>'), await idOf(folder, '<|im_end|>')];
    expect(await readEosTokenIds(folder)).toEqual(wanted);
    expect((await readTokenizer(folder)).eosTokenIds).toEqual(wanted);
  });

  it("is the tokenizer's own where no file names an id", async () => {
    const named = {
      'config.json': { eos_token_id: null },
      'tokenizer_config.json': { eos_token: { content: '[INST]' } },
    };
    const folder = await writeFolder('byte-level', named);
    expect(await readEosTokenIds(folder)).toEqual([await idOf(folder, '[INST]')]);
    const inMap = { 'config.json': {}, 'tokenizer_config.json': {}, 'special_tokens_map.json': { eos_token: '</s>' } };
    const other = await writeFolder('unigram', inMap);
    expect(await readEosTokenIds(other)).toEqual([await idOf(other, '</s>')]);
  });

  it('is no fraction; a negative id is none', async () => {
    const fraction = await writeFolder('byte-level', { 'config.json': { eos_token_id: [2, 2.5] } });
    await expect(readEosTokenIds(fraction)).rejects.toThrow(/eos_token_id is 2.5; it must be a whole number/);
    const negative = await writeFolder('byte-level', {
      'config.json': { eos_token_id: -1 },
      'tokenizer_config.json': { eos_token: '</s>' },
    });
    expect(await readEosTokenIds(negative)).toEqual([await idOf(negative, '</s>')]);
  });

  it('is missing in a folder that names none at all', async () => {
    const folder = await writeFolder('byte-level', { 'config.json': {}, 'tokenizer_config.json': {} });
    await expect(readEosTokenIds(folder)).rejects.toThrow(/names no end-of-sequence token/);
  });

  it('is not looked for in a template that renders no finished chat, nor in text behind an answer', async () => {
    const failing = await writeFolder('byte-level', {
      'chat_template.jinja': "{% if messages[-1].role == 'assistant' %}{{ raise_exception('no') }}{% endif %}U",
      'tokenizer_config.json': {},
    });
    expect(await readEosTokenIds(failing)).toEqual([2]);
    const prose = await writeFolder('byte-level', {
      'chat_template.jinja': '{% for m in messages %}{{ m.content }}\n### End {% endfor %}',
      'tokenizer_config.json': {},
    });
    expect(await readEosTokenIds(prose)).toEqual([2]);
  });
});
