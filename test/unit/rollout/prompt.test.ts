import { expect, test } from 'vitest';
import { encodePrompt } from '../../../src/rollout/prompt.ts';
import { type RolloutTemplate, TEMPLATES } from '../../../src/rollout/template.ts';
import { letterTokenizer } from './letter-tokenizer.ts';

const examples = [
  { problem: '1+1?', solution: '<|cot|>2' },
  { problem: '<|run|>?', solution: '<|cot|>3' },
];
const withExamples = (template: RolloutTemplate): RolloutTemplate => ({
  ...template,
  prompt: { ...template.prompt, examples },
});
const textOf = async (template: RolloutTemplate) =>
  letterTokenizer.decode(await encodePrompt('2+2?', template, letterTokenizer));

test('examples stand before the problem, asked as it is asked', async () => {
  expect(await textOf(withExamples(TEMPLATES.testbed))).toBe(
    '<|bos|>1+1?<|sol|><|cot|>2\n\n<|bos|><|run|>?<|sol|><|cot|>3\n\n<|bos|>2+2?<|sol|>',
  );
});

test('examples are earlier turns of a chat', async () => {
  expect(
    await textOf(withExamples({ ...TEMPLATES.markdown, prompt: { kind: 'chat', before: 'Q: ', after: '' } })),
  ).toBe('[user]Q: 1+1?[assistant]<|cot|>2[user]Q: <|run|>?[assistant]<|cot|>3[user]Q: 2+2?[assistant]');
});

test('a control token in the problem of an example is text, one in its solution is a token', async () => {
  const ids = await encodePrompt('2+2?', withExamples(TEMPLATES.testbed), letterTokenizer);
  const [run = -1] = letterTokenizer.encode('<|run|>');
  const [cot = -1] = letterTokenizer.encode('<|cot|>');
  expect(ids).not.toContain(run);
  expect(ids.filter((id) => id === cot)).toHaveLength(2);
});

test('a template without examples asks as before', async () => {
  expect(await textOf(TEMPLATES.testbed)).toBe('<|bos|>2+2?<|sol|>');
});
