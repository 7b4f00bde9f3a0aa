import { beforeAll, describe, expect, it } from 'vitest';
import { type AttackOutcome, harmOf, readAttacks, runAttacks } from './run-attacks.ts';

const attacks = readAttacks();
const outcomes = new Map<string, AttackOutcome>();

beforeAll(async () => {
  const halves = [0, 1].map((half) => attacks.filter((_, index) => index % 2 === half));
  for (const found of await Promise.all(halves.map((half) => runAttacks(half, {})))) {
    for (const [name, outcome] of found) outcomes.set(name, outcome);
  }
}, 600_000);

describe('hostile code', () => {
  it('is at least 80 snippets with at least 3 of each class', () => {
    const perClass = new Map<string, number>();
    for (const { name } of attacks) {
      const kind = name.split('/')[0] ?? '';
      perClass.set(kind, (perClass.get(kind) ?? 0) + 1);
    }
    expect(attacks.length).toBeGreaterThanOrEqual(80);
    for (const [kind, count] of perClass) expect(count, kind).toBeGreaterThanOrEqual(3);
  });

  it.each(attacks.map((attack) => [attack.name, attack] as const))('%s is held', (name, attack) => {
    const outcome = outcomes.get(name);
    if (outcome === undefined) throw new Error('it was not run');
    expect(harmOf(outcome)).toEqual([]);
    expect(attack.allowedEnds, outcome.result.stderr).toContain(outcome.result.end);
  });

  it('leaves the same open descriptors however much was tried', () => {
    const counts = new Set([...outcomes.values()].map(({ census }) => census?.descriptors));
    expect(counts.size).toBe(1);
  });
});
