/** Folders that a command writes for people: made where they are missing, and never another one's. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from './exit.ts';

/** @throws UsageError for a folder that holds other things. @param mark a file that tells one of these folders */
export async function requireOwnFolder(folder: string, mark: string, what: string): Promise<void> {
  const names: readonly string[] = await readdir(folder).catch(() => []);
  if (names.length > 0 && !names.includes(mark))
    throw new UsageError(`${folder} is not empty and holds no ${what}; name a new folder`);
}

/** Text by path inside the folder. */
export async function writeFolder(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, text] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
