import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { checkMachine } from '../../../src/checks/machine-for-campaign.ts';
import { readEnvironment } from '../../../src/config/environment.ts';

const MORE_THAN_ANY_DISK = 1e21;
const folder = join(tmpdir(), 'not-made-yet', 'store');

it.each([
  ['the home folder', { WHENCODE_HOME: folder }, /WHENCODE_HOME/],
  ['a store in a folder', { WHENCODE_STORE: folder }, /WHENCODE_STORE/],
  ['a store of a file URL', { WHENCODE_STORE: pathToFileURL(folder).href }, /WHENCODE_STORE/],
])('%s needs a disk with room for the campaign', async (_what, variables, remedy) => {
  const checked = checkMachine(readEnvironment(variables), MORE_THAN_ANY_DISK);
  await expect(checked).rejects.toThrow(remedy);
  await expect(checked).rejects.toThrow(`free for ${folder};`);
});
