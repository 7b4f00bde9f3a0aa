import { expect, it } from 'vitest';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { showsValue } from '../../../src/config/defaults.ts';
import { TEMPLATES } from '../../../src/rollout/template.ts';

const { execution } = campaignSchema.shape;

it('shows values by default in templates with code fences, and as the campaign sets it otherwise', () => {
  const asked = (template: Parameters<typeof showsValue>[0]['template'], showValue?: boolean) =>
    showsValue({ template, execution: execution.parse(showValue === undefined ? {} : { showValue }) });
  expect([asked('markdown'), asked('testbed')]).toEqual([true, false]);
  expect(asked({ ...TEMPLATES.markdown, codeClose: '\n~~~' })).toBe(true);
  expect(asked({ ...TEMPLATES.testbed })).toBe(false);
  expect([asked('markdown', false), asked('testbed', true)]).toEqual([false, true]);
});
