/** Writes a hostile model folder, has it inspected and stored, and returns what came of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectModel } from '../../src/campaigns/inspect-model.ts';
import { createRandom } from '../../src/formats/random.ts';
import { TEMPLATES } from '../../src/rollout/template.ts';
import { HOSTILE_FOLDERS, writeModelFolder } from './hostile-folders.ts';

export interface Examined {
  readonly folder: string;
  /** Why it was refused; undefined where it was taken. */
  readonly message: string | undefined;
  /** Of this process, not of those that it started. */
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** @param kind a key of HOSTILE_FOLDERS; any other leaves the folder as a model that is taken */
export async function examineHostileFolder(kind: string, seed: string): Promise<Examined> {
  const root = await mkdtemp(join(tmpdir(), 'whencode-hostile-'));
  const folder = join(root, 'models', 'm');
  try {
    await writeModelFolder(folder);
    await HOSTILE_FOLDERS[kind]?.(folder, createRandom(seed));
    const before = { cpu: process.cpuUsage(), rss: process.memoryUsage.rss() };
    const prompts = { template: TEMPLATES.markdown, problems: ['a'.repeat(300)] };
    const message = await inspectModel({ folder, prompts }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const { user, system } = process.cpuUsage(before.cpu);
    return {
      folder,
      message,
      cpuMs: (user + system) / 1000,
      rssMb: (process.memoryUsage.rss() - before.rss) / 2 ** 20,
    };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
