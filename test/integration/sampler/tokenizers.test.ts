/** Ids and chats against the tokenizers library and transformers, on small tokenizers of every kind. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { createChatRenderer } from '../../../src/sampler/chat-template.ts';
import { readTokenizer } from '../../../src/sampler/tokenizer.ts';
import {
  ADDED_WORD,
  PLAIN_MARKS,
  SPECIAL_MARKS,
  TOKENIZER_KINDS,
  writeTokenizerFolder,
} from '../../support/tokenizer-folders.ts';

const SCRIPT = fileURLToPath(new URL('../../fixtures/sampler/encode_texts.py', import.meta.url));
const part = fc.constantFrom(
  ...SPECIAL_MARKS,
  ...PLAIN_MARKS,
  ADDED_WORD,
  'the',
  ' ',
  '  ',
  '\n',
  'π',
  '🦆',
  '7',
  '▁',
  '</',
  '|',
);
const TEXTS = fc.sample(
  fc.array(part, { maxLength: 9 }).map((parts) => parts.join('')),
  { numRuns: 300, seed: 1 },
);
const TEMPLATES = [
  '{% for m in messages %}{{ m.content }}{% if loop.index == 1 %}{% break %}{% endif %}{% endfor %}END',
  "{% for m in messages %}[{{ m.role }}]{% if m.role == 'system' %}{% continue %}{% endif %}{{ m.content }}{% endfor %}",
  '{% for m in messages %}{% for i in [1, 2, 3] %}{{ i }}{% if i == 2 %}{% break %}{% endif %},{% endfor %};{% endfor %}',
  '{% if documents is not none %}DOCS{% endif %}{% if tools is not none %}T{{ tools | length }}{% endif %}x',
  '{% for m in messages %}\r\n    {% if m.role == "user" %}\r\nU: {{ m.content }}\r\n    {% endif %}\r\n{% endfor %}\r\n{# c #}\r\nEND\r\n',
  '{{ bos_token }}{% for m in messages %}{{ m.content | trim }}{{ eos_token }}{% endfor %}',
];
const MESSAGES = [
  { role: 'system', content: ' Be brief. ' },
  { role: 'user', content: '12+7?' },
] as const;
const TOKENS = { bos_token: '<s>', eos_token: '</s>' };

interface Reference {
  readonly ids: readonly (readonly (readonly number[])[])[];
  readonly chats: readonly string[];
}

let root: string;
let folders: string[];
let reference: Reference;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tokenizers-'));
  folders = await Promise.all(TOKENIZER_KINDS.map((kind) => writeTokenizerFolder(join(root, kind), kind)));
  const python = spawn(readEnvironment().python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  python.stdin.end(JSON.stringify({ folders, texts: TEXTS, templates: TEMPLATES, messages: MESSAGES, tokens: TOKENS }));
  reference = JSON.parse(await text(python.stdout)) as Reference;
});
afterAll(() => rm(root, { recursive: true }));

it.each(TOKENIZER_KINDS.map((kind, at) => [kind, at] as const))('%s: equal ids', async (_, at) => {
  const tokenizer = await readTokenizer(folders[at] ?? '');
  for (const [index, one] of TEXTS.entries())
    expect([one, tokenizer.encode(one)]).toEqual([one, reference.ids[at]?.[index]]);
});

it.each(TEMPLATES.map((template, at) => [template, at] as const))('equal chat: %j', (template, at) => {
  expect(createChatRenderer(template, TOKENS)(MESSAGES)).toBe(reference.chats[at]);
});
