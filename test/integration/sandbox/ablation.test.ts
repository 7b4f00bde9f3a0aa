import { describe, expect, it } from 'vitest';
import type { Protection } from '../../../src/sandbox/protections.ts';
import { type Attack, harmOf, readAttacks, runAttacks } from './run-attacks.ts';

/** Attacks by what has to be off for them to do harm. */
const groups = new Map<string, Attack[]>();
for (const attack of readAttacks()) {
  const key = attack.bitesWithout.join('+');
  if (key !== '') groups.set(key, [...(groups.get(key) ?? []), attack]);
}

describe('with a protection off, the attacks it stops do harm', () => {
  it.each([...groups])('%s', { timeout: 600_000 }, async (key, attacks) => {
    const off = key.split('+') as Protection[];
    const outcomes = await runAttacks(attacks, {
      dangerouslySwitchOffProtections: off,
      // Harm is to show, not the clock's verdict on it.
      limits: { cpuMs: 5000, wallMs: 5000 },
    });
    const harmless = [...outcomes].filter(([, outcome]) => harmOf(outcome).length === 0);
    expect(harmless.map(([name, { result }]) => `${name}: ${result.end} ${result.stdout.slice(0, 300)}`)).toEqual([]);
  });
});
