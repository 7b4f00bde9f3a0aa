import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  /** Leaves no room; the returned function makes some. */
  fill(): Promise<() => Promise<void>>;
  remove(): void;
}

/** A disk of its own of some megabytes; undefined where this user may not mount one. */
export function mountSmallDisk(): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'whencode-test', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    async fill() {
      const path = join(folder, 'filler');
      const file = await open(path, 'w');
      const chunk = Buffer.alloc(4096);
      try {
        for (;;) await file.write(chunk);
      } catch {
        // Full.
      } finally {
        await file.close();
      }
      return () => rm(path);
    },
    remove() {
      execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
