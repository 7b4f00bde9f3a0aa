import { describe, expect, it } from 'vitest';
import { foldStage } from '../../../src/db/fold-facts.ts';

const ONE = `sha256:${'1'.repeat(64)}` as const;
const TWO = `sha256:${'2'.repeat(64)}` as const;
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
const stage = { kind: 'stage', campaignId: 'c', iteration: 1, stage: 'train' } as const;
const running = (second: number) => ({ ...stage, status: 'running', at: at(second) }) as const;
const completed = (second: number, manifest: typeof ONE | typeof TWO) =>
  ({ ...stage, status: 'completed', at: at(second), manifest }) as const;

const secondsOf = (facts: Parameters<typeof foldStage>[0]) => {
  const { startedAt, endedAt } = foldStage(facts);
  return endedAt === null ? undefined : (endedAt.getTime() - startedAt.getTime()) / 1000;
};

describe('the time of a stage', () => {
  it('is that of the attempt that ended, without failed ones and the wait for a person', () => {
    expect(secondsOf([running(0), running(300), completed(340, ONE)])).toBe(40);
  });

  it('is that of the work, when a later attempt finds the result in the store', () => {
    const facts = [running(0), completed(82, ONE), running(400), completed(411, ONE)];
    expect(secondsOf(facts)).toBe(82);
    expect(secondsOf([...facts].reverse())).toBe(82);
  });

  it('is that of the last attempt, when it had another result', () => {
    expect(secondsOf([running(0), completed(82, ONE), running(400), completed(430, TWO)])).toBe(30);
  });

  it('has no end while it runs', () => {
    expect(secondsOf([running(0), running(300)])).toBeUndefined();
    expect(foldStage([running(0), running(300)]).startedAt).toEqual(new Date(at(300)));
  });
});
