import { describe, expect, it } from 'vitest';
import { examineHostileFolder } from '../support/examine-hostile-folder.ts';
import { HOSTILE_FOLDERS } from '../support/hostile-folders.ts';

const SEEDS = Number(process.env.WHENCODE_FUZZ_SEEDS ?? 10);

describe('model folders from elsewhere, many of each kind', { timeout: 3_600_000 }, () => {
  it.each(Object.keys(HOSTILE_FOLDERS))('are refused by name for %s', async (kind) => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const { folder, message, cpuMs, rssMb } = await examineHostileFolder(kind, `long/${seed}`);
      expect(message, `seed ${seed}`).toContain(folder);
      expect(message).not.toMatch(/\p{Cc}|root:|"\[\[/u);
      expect(cpuMs).toBeLessThan(1000);
      expect(rssMb).toBeLessThan(100);
    }
    expect((await examineHostileFolder('none', '0')).message).toBeUndefined();
  });
});
