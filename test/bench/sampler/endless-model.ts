/** The same model without an end of text, so that every engine writes as many tokens as it is asked to. */
import { mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A token of SmolLM2's vocabulary that it has never seen. */
const NEVER_DRAWN = 16;

/** A folder of links beside a generation_config.json of its own. */
export async function endlessModel(model: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'whencode-endless-'));
  for (const file of await readdir(model))
    if (file !== 'generation_config.json') await symlink(resolve(model, file), join(folder, file));
  await writeFile(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: NEVER_DRAWN }));
  return folder;
}
