import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawTruncated, keptTokens } from '../../../src/sampler/engine/draw-truncated.ts';
import type { Truncation } from '../../../src/sampler/types.ts';

/** Probabilities 0.5, 0.25, 0.15, 0.1 at ids 2, 0, 3, 1. */
const LOGITS = Float32Array.from([0.25, 0.1, 0.5, 0.15], Math.log);

describe('the tokens that a truncation keeps', () => {
  it.each<[Truncation, number[]]>([
    [{}, [2, 0, 3, 1]],
    [{ topK: 1 }, [2]],
    [{ topK: 3 }, [2, 0, 3]],
    [{ topK: 99 }, [2, 0, 3, 1]],
    [{ topP: 0.4 }, [2]],
    [{ topP: 0.6 }, [2, 0]],
    [{ topP: 1 }, [2, 0, 3, 1]],
    [{ minP: 0.4 }, [2, 0]],
    [{ minP: 0.21 }, [2, 0, 3]],
    // Top-p counts in what top-k has left: 0.5 of 0.75.
    [{ topK: 2, topP: 0.6 }, [2]],
    [{ topK: 2, topP: 0.7 }, [2, 0]],
    [{ topP: 0.95, minP: 0.4 }, [2, 0]],
  ])('%o', (truncation, kept) => {
    expect(keptTokens(LOGITS, truncation)).toEqual(kept);
  });

  it('are those of a plain definition on any logits', () => {
    const logits = fc.array(fc.float({ min: -40, max: 40, noNaN: true }), { minLength: 1, maxLength: 60 });
    const truncation = fc.record(
      { topK: fc.integer({ min: 1, max: 70 }), topP: fc.double({ min: 0.01, max: 0.999, noNaN: true }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(logits, truncation, (values, { topK, topP }) => {
        const array = Float32Array.from(values);
        const order = [...array.keys()].sort((a, b) => (array[b] ?? 0) - (array[a] ?? 0) || a - b);
        const best = order.slice(0, topK);
        const top = array[order[0] ?? 0] ?? 0;
        const masses = best.map((id) => Math.exp((array[id] ?? 0) - top));
        const total = masses.reduce((sum, mass) => sum + mass, 0);
        const found = keptTokens(array, { ...(topK ? { topK } : {}), ...(topP ? { topP } : {}) });
        expect(found).toEqual(best.slice(0, found.length));
        const kept = masses.slice(0, found.length).reduce((sum, mass) => sum + mass, 0);
        const last = masses[found.length - 1] ?? 0;
        const wanted = (topP ?? 1) * total;
        expect(kept).toBeGreaterThanOrEqual(wanted * (1 - 1e-9));
        if (topP !== undefined) expect(kept - last).toBeLessThan(wanted * (1 + 1e-9));
      }),
    );
  });
});

it('draws in proportion to what is left', () => {
  const draws = Array.from({ length: 1000 }, (_, i) => drawTruncated(LOGITS, (i + 0.5) / 1000, { topK: 2 }));
  expect(draws.filter((id) => id === 2).length).toBe(667);
  expect(draws.filter((id) => id === 0).length).toBe(333);
});
