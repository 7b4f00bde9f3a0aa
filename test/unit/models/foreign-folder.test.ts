import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listForeignFiles, openForeignFiles } from '../../../src/models/foreign-folder.ts';

let root: string;
let folder: string;
let number = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'whencode-foreign-'));
  await writeFile(join(root, 'secret'), 'the key of the owner');
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  number += 1;
  folder = join(root, `models-${number}`, 'model');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), '{}');
});

const names = async (from = folder): Promise<string[]> => (await listForeignFiles(from)).map(({ name }) => name);

describe('a copy of a model folder', () => {
  it('has what a model needs, and nothing else', async () => {
    const taken = ['LICENSE', 'LICENSE.txt', 'README.md', 'chat_template.jinja', 'model-00001-of-00002.safetensors'];
    const needed = [...taken, 'merges.txt', 'tokenizer.json', 'tokenizer.model'];
    const left = [
      '.gitattributes',
      'modeling_x.py',
      'optimizer.pt',
      'pytorch_model.bin',
      'id_ed25519',
      '.env',
      'LICENSES',
    ];
    for (const name of [...needed, ...left]) await writeFile(join(folder, name), name);
    await mkdir(join(folder, '.git'));
    await writeFile(join(folder, '.git', 'config.json'), '{}');
    expect(await names()).toEqual(['config.json', ...needed].sort());
  });

  it.each(['config.json', 'model.safetensors', 'LICENSE', 'README.md', 'notes.txt', 'data.bin'])(
    'refuses %s as a link out of the folder, straight, by a link inside, by a linked folder, and out of a look-alike',
    async (name) => {
      const targets: [string, () => Promise<void>][] = [
        ['/etc/passwd', async () => undefined],
        ['../../secret', async () => undefined],
        ['inner', () => symlink(join(root, 'secret'), join(folder, 'inner'))],
        ['sub/secret', () => symlink(root, join(folder, 'sub'))],
        [
          '../model-2/secret',
          async () => {
            await mkdir(`${folder}-2`);
            await writeFile(`${folder}-2/secret`, 'x');
          },
        ],
      ];
      for (const [target, prepare] of targets) {
        await prepare();
        await rm(join(folder, name), { force: true });
        await symlink(target, join(folder, name));
        await expect(names()).rejects.toThrow(/is a link out of the folder/);
        for (const other of ['inner', 'sub']) await rm(join(folder, other), { force: true });
      }
    },
  );

  it('follows links inside the folder, and refuses those that lead nowhere or to themselves', async () => {
    await symlink('config.json', join(folder, 'generation_config.json'));
    expect(await names()).toEqual(['config.json', 'generation_config.json']);
    await symlink('nowhere', join(folder, 'a.json'));
    await expect(names()).rejects.toThrow(/a\.json is a link to a file that does not exist/);
    await rm(join(folder, 'a.json'));
    await symlink('b.json', join(folder, 'a.json'));
    await symlink('a.json', join(folder, 'b.json'));
    await expect(names()).rejects.toThrow(/[ab]\.json is a link that leads to itself/);
  });

  it('refuses pipes and names with control characters by name, escaped', async () => {
    execFileSync('mkfifo', [join(folder, 'tokenizer.json')]);
    await expect(names()).rejects.toThrow(/tokenizer\.json is neither a file nor a folder/);
    await rm(join(folder, 'tokenizer.json'));
    await writeFile(join(folder, '\u001b[2Jx.json'), '{}');
    await expect(names()).rejects.toThrow(/\\u001b\[2Jx\.json has a name with control characters/);
  });

  it('has texts of at most 64 MiB', async () => {
    execFileSync('truncate', ['-s', String(64 * 2 ** 20 + 1), join(folder, 'tokenizer.json')]);
    await expect(names()).rejects.toThrow(/tokenizer\.json has 67108865 bytes/);
  });

  it('of the Hub cache takes links to the blobs of the same model only', async () => {
    const cache = join(root, `cache-${number}`, 'hub');
    const repo = join(cache, 'models--owner--name');
    const snapshot = join(repo, 'snapshots', '0123abcd');
    for (const path of [snapshot, join(repo, 'blobs'), join(cache, 'models--other--private', 'blobs')])
      await mkdir(path, { recursive: true });
    await writeFile(join(repo, 'blobs', 'aa'), '{"of":"the Hub"}');
    await writeFile(join(cache, 'models--other--private', 'blobs', 'bb'), '{}');
    await symlink('../../blobs/aa', join(snapshot, 'config.json'));
    expect(await names(snapshot)).toEqual(['config.json']);
    // By a link to the snapshot, too.
    await symlink(snapshot, join(root, `link-${number}`));
    const copied: string[] = [];
    for await (const { name, path } of openForeignFiles(join(root, `link-${number}`)))
      copied.push(`${name} ${readFileSync(path, 'utf8')}`);
    expect(copied).toEqual(['config.json {"of":"the Hub"}']);
    await symlink('../../../models--other--private/blobs/bb', join(snapshot, 'tokenizer.json'));
    await expect(names(snapshot)).rejects.toThrow(/tokenizer\.json is a link out of the folder/);
    await rm(join(snapshot, 'tokenizer.json'));
    // Blobs that are a link themselves.
    await rename(join(repo, 'blobs'), join(repo, 'real'));
    await symlink(root, join(repo, 'blobs'));
    await symlink('../../blobs/secret', join(snapshot, 'tokenizer.json'));
    await rm(join(snapshot, 'config.json'));
    await expect(names(snapshot)).rejects.toThrow(/tokenizer\.json is a link out of the folder/);
  });

  it.runIf(process.platform === 'linux')('keeps to the opened file when the link is exchanged meanwhile', async () => {
    await writeFile(join(folder, 'mine.json'), '{}');
    await symlink('mine.json', join(folder, 'tokenizer.json'));
    const seen: string[] = [];
    for await (const { name, path } of openForeignFiles(folder)) {
      await rm(join(folder, name));
      await symlink(join(root, 'secret'), join(folder, name));
      seen.push(readFileSync(path, 'utf8'));
      await rm(join(folder, name));
      await writeFile(join(folder, name), '{}');
    }
    expect(seen).toEqual(['{}', '{}', '{}']);
  });

  it.runIf(process.platform === 'linux')('refuses a link that was exchanged since it was looked at', async () => {
    await writeFile(join(folder, 'tokenizer.json'), '{}');
    const files = openForeignFiles(folder);
    await files.next();
    await rm(join(folder, 'tokenizer.json'));
    await symlink(join(root, 'secret'), join(folder, 'tokenizer.json'));
    await expect(files.next()).rejects.toThrow(/tokenizer\.json is a link out of the folder/);
  });
});
