import { describe, expect, it } from 'vitest';
import { examineHostileFolder } from '../../support/examine-hostile-folder.ts';
import { HOSTILE_FOLDERS } from '../../support/hostile-folders.ts';

/** All work on a foreign folder is done in processes with limits on CPU time; `test/long` draws more of each kind. */
const BUSY_MACHINE_MS = 600_000;

describe('a model folder from elsewhere', { timeout: BUSY_MACHINE_MS }, () => {
  it('is taken when it is a model', async () => {
    expect((await examineHostileFolder('none', '0')).message).toBeUndefined();
  });

  it.each(Object.keys(HOSTILE_FOLDERS))('is refused by name for %s, at no cost for this process', async (kind) => {
    const { folder, message, cpuMs, rssMb } = await examineHostileFolder(kind, '1');
    expect(message).toContain(folder);
    expect(message).not.toMatch(/[\p{Cc}]|root:|"\[\[/u);
    expect(message?.length).toBeLessThan(1000);
    expect(cpuMs).toBeLessThan(1000);
    expect(rssMb).toBeLessThan(100);
  });
});
