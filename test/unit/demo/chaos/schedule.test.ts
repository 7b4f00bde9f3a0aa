import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KILL_ROLES, type KillRole } from '../../../../src/demo/chaos/roles.ts';
import { planKills } from '../../../../src/demo/chaos/schedule.ts';

describe('a schedule of kills', () => {
  it('is drawn from its seed', () => {
    const plan = (seed: number) => planKills({ seed, kills: 10, roles: KILL_ROLES });
    expect(plan(4)).toEqual(plan(4));
    expect(plan(4)).not.toEqual(plan(5));
  });

  it('has every role as often as any other, give or take one', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 40 }),
        fc.uniqueArray(fc.constantFrom(...KILL_ROLES), { minLength: 1 }),
        (seed, kills, roles) => {
          const planned = planKills({ seed, kills, roles });
          expect(planned).toHaveLength(kills);
          const count = (role: KillRole) => planned.filter((kill) => kill.role === role).length;
          const counts = roles.map(count);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          for (const { share } of planned) expect(share >= 0 && share < 1).toBe(true);
        },
      ),
    );
  });

  it('hits each of eight roles at least ten times in ten campaigns of ten kills', () => {
    const planned = Array.from({ length: 10 }, (_, at) => planKills({ seed: at + 1, kills: 10, roles: KILL_ROLES }));
    for (const role of KILL_ROLES)
      expect(planned.flat().filter((kill) => kill.role === role).length).toBeGreaterThanOrEqual(10);
  });
});
