import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fillCommand, hideSecrets, quoteWord } from '../../../../src/sampler/served/server-command.ts';

it('fills placeholders that it knows, and leaves other braces alone', () => {
  const values = { port: '7', key: 'k' };
  expect(fillCommand('serve --port {port} {port} {"a": 1} {x} {toString} {', values)).toBe(
    'serve --port 7 7 {"a": 1} {x} {toString} {',
  );
});

it('quotes any text as one word', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      (text) => {
        expect(execFileSync('sh', ['-c', `printf %s ${quoteWord(text)}`], { encoding: 'utf8' })).toBe(text);
      },
    ),
    { numRuns: 30 },
  );
});

it.each([
  ['--api-key sk-LIVE-1'],
  ['--api-key=sk-LIVE-1'],
  ["--api-key 'sk-LIVE-1'"],
  ['OPENAI_API_KEY="sk-LIVE-1" serve'],
  ['HF_TOKEN=sk-LIVE-1; serve'],
  ['export DB_PASSWORD=sk-LIVE-1\nserve'],
  ['--client-secret   sk-LIVE-1 --port 1'],
])('hides the secret of %s wherever it is repeated', (command) => {
  const shown = hideSecrets(`failed: ${command}\nlog: args {'key': ['sk-LIVE-1']} random`, command, ['random']);
  expect(shown).not.toMatch(/sk-LIVE|random/);
  expect(shown).toContain('failed: ');
});

it('hides nothing of a command without secrets', () => {
  const command = 'serve {model} --api-key {key} --max-num-batched-tokens 4096 --tokenizer-mode hf';
  expect(hideSecrets(command, command, ['k9'])).toBe(command);
});
