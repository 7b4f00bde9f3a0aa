import { describe, expect, it } from 'vitest';
import { parseTrainerEvent } from '../../../src/trainer/trainer-event.ts';

describe('parseTrainerEvent', () => {
  it('reads a line of the trainer', () => {
    expect(parseTrainerEvent('{"kind": "done", "updates": 3, "metrics": {"loss": 0.5}}')).toEqual({
      kind: 'done',
      updates: 3,
      metrics: { loss: 0.5 },
    });
  });

  it.each(['', '{"kind": "upd', '"done"', '{"kind": "unknown"}', '{"kind": "done"}'])(
    'takes %j for no event',
    (line) => {
      expect(parseTrainerEvent(line)).toBeUndefined();
    },
  );
});
