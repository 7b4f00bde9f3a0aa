import { expect, it } from 'vitest';
import { loadCampaign } from '../../../src/config/load.ts';
import { findTemplateFaults } from '../../../src/rollout/check-template.ts';
import { encodePrefix, encodePrompt } from '../../../src/rollout/prompt.ts';
import { TEMPLATES } from '../../../src/rollout/template.ts';
import {
  applyExecution,
  applyGeneration,
  closedBlock,
  generateRequest,
  pendingExecution,
  startRollout,
  type TurnRules,
} from '../../../src/rollout/turn.ts';
import type { Rollout } from '../../../src/rollout/types.ts';
import type { Generation } from '../../../src/sampler/types.ts';
import { letterTokenizer } from './letter-tokenizer.ts';

const rules: TurnRules = {
  template: TEMPLATES.retool,
  tokenizer: letterTokenizer,
  maxNewTokens: 500,
  maxTurns: 16,
  temperature: 1,
  maxContextTokens: 4000,
};
const promptIds = await encodePrompt('2+2?', rules.template, letterTokenizer);

function write(rollout: Rollout, text: string, finish: Generation['finish']): Rollout {
  const tokenIds = letterTokenizer.encode(text);
  return applyGeneration(rollout, { id: rollout.id, tokenIds, logProbs: tokenIds.map(() => -0.5), finish }, rules);
}

it('is a template without faults', () => {
  expect(findTemplateFaults(TEMPLATES.retool)).toEqual([]);
});

it('alternates text and code over several turns, and masks what the tool wrote', () => {
  const prefixIds = encodePrefix('auto', rules.template, letterTokenizer);
  const begun = startRollout({ problemId: 'p', arm: 'auto', sample: 0, seed: 's', promptIds, prefixIds }, rules);
  expect(generateRequest(begun, rules).stopStrings).toEqual(['</code>']);
  const first = write(begun, 'First <code>\n```python\nx = 2\nx + y\n```\n</code>', 'stop');
  expect(pendingExecution(first)).toEqual({ code: 'x = 2\nx + y', previousBlocks: [] });
  const failed = { end: 'error', stdout: '', exception: "NameError: name 'y' is not defined" } as const;
  const told = applyExecution(first, failed, rules);
  const second = write(told, 'Again: <code>print(x + 2)</code>', 'stop');
  expect(pendingExecution(second)).toEqual({ code: 'print(x + 2)', previousBlocks: ['x = 2\nx + y'] });
  const done = write(applyExecution(second, { end: 'ok', stdout: '4\n' }, rules), 'So \\boxed{4}.<|eos|>', 'eos');
  expect(done).toMatchObject({ state: 'completed', endReason: 'eos' });
  const written = (bit: 0 | 1): string =>
    letterTokenizer.decode(done.completionIds.filter((_, at) => done.modelMask[at] === bit));
  expect(written(0)).toBe(
    "\n<interpreter>\nNameError: name 'y' is not defined\n</interpreter>\n\n<interpreter>\n4\n</interpreter>\n",
  );
  expect(written(1)).toContain('Again: <code>print(x + 2)</code>So');
});

it.each([
  ['<code>print(1)</code>', 'print(1)'],
  ['<code>\nprint(1)\n</code>', 'print(1)\n'],
  ['<code>\n```python\nprint(1)\n```\n</code>', 'print(1)'],
  ['<code>```py\nprint("```")\n```</code>', 'print("```")'],
  ['<code>```python3\nprint(1)\n```</code>', 'print(1)'],
  ['<code>\n```Python \nprint(1)\n```\n</code>', 'print(1)'],
  ['<code>print("```")</code>', 'print("```")'],
  ['text </code>', undefined],
])('reads the code of %j', (text, code) => {
  expect(closedBlock(text, TEMPLATES.retool)).toBe(code);
});

it('has an example with the settings of the recipe', async () => {
  const config = await loadCampaign('examples/retool-qwen2.5-7b.yaml');
  expect(config).toMatchObject({ method: 'rl', template: 'retool', strategy: { voidTurns: 'left-out' } });
  expect(config.train).toMatchObject({ clip: [0.2, 0.28], ratio: { dualClip: 10 }, klWeight: 0 });
});
