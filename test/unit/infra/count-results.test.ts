import { describe, expect, it } from 'vitest';
import { countResults, splitScript } from '../../../infra/test/count-results.mjs';

const passed = { status: 'passed', fullName: 'adds' };
const failed = { status: 'failed', fullName: 'subtracts' };
const skipped = { status: 'pending', fullName: 'divides' };

function report(status: string, assertionResults: { status: string; fullName: string }[], message = '') {
  return { success: status === 'passed', testResults: [{ name: 'a.test.ts', status, message, assertionResults }] };
}

describe('counting test results', () => {
  it('counts passed and failed tests and names the failed ones', () => {
    expect(countResults(report('failed', [passed, passed, failed]), 1, { maySkip: false })).toEqual({
      passed: 2,
      failed: 1,
      skipped: 0,
      problems: ['a.test.ts: subtracts'],
    });
  });

  it('counts a file that breaks while it is loaded', () => {
    expect(countResults(report('failed', [], 'Cannot find module'), 1, { maySkip: true }).problems).toEqual([
      'a.test.ts: Cannot find module',
    ]);
  });

  it('counts a file whose tests pass but whose clean-up fails', () => {
    expect(countResults(report('failed', [passed], 'afterAll failed'), 1, { maySkip: true })).toMatchObject({
      passed: 1,
      failed: 1,
    });
  });

  it('counts a skipped test as failed only where none may be skipped', () => {
    const half = report('passed', [passed, skipped]);
    expect(countResults(half, 0, { maySkip: true })).toMatchObject({ passed: 1, failed: 0, skipped: 1 });
    expect(countResults(half, 0, { maySkip: false })).toMatchObject({ passed: 1, failed: 1, skipped: 1 });
  });

  it.each([
    ['no report', undefined, 1],
    ['no test file', { success: true, testResults: [] }, 0],
    ['an error outside of the tests', report('passed', [passed]), 1],
  ])('fails on %s', (_case, given, exitCode) => {
    expect(countResults(given, exitCode, { maySkip: false }).failed).toBe(1);
  });
});

it('takes the commands of an npm script apart', () => {
  expect(splitScript('tsc -p . && biome check .')).toEqual([
    ['tsc', '-p', '.'],
    ['biome', 'check', '.'],
  ]);
});
