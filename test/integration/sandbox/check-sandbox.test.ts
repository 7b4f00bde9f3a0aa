import { expect, it } from 'vitest';
import { checkSandbox } from '../../../src/sandbox/check-sandbox.ts';
import { openSandbox } from './open-sandbox.ts';

it('the canaries of `whencode doctor` are all right in a closed sandbox', async () => {
  const findings = await checkSandbox(await openSandbox({ limits: { cpuMs: 300, wallMs: 60_000 } }));
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  expect(findings.length).toBeGreaterThan(9);
});
