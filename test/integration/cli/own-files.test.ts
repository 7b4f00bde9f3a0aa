/** Campaign files of people: what `whencode init` writes, and every template of the docs, each with a dry run. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeModelFolder } from '../../support/hostile-folders.ts';
import { readBlocks } from '../../support/page-blocks.ts';

const COMMAND = resolve('src/cli/whencode.mjs');
const page = await readFile('docs/templates.md', 'utf8');
const TEMPLATES = [...page.matchAll(/^```yaml\n(template:[\s\S]*?)^```$/gm)].map(([, text = '']) => text);
const { files } = readBlocks(await readFile('docs/first-campaign.md', 'utf8'));
const MODEL = 'models/SmolLM2-135M-Instruct';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-own-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  for (const model of [MODEL, 'models/base']) {
    await mkdir(join(folder, model), { recursive: true });
    await writeModelFolder(join(folder, model));
  }
  await rm(join(folder, 'models/base/chat_template.jinja'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function whencode(...args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [COMMAND, ...args], { cwd: folder }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      done({ code, said: stdout + stderr });
    });
  });
}
const dryRun = (file: string) => whencode('campaign', 'start', file, '--dry-run');

describe('every template of the docs is taken', () => {
  it('has several of them', () => {
    expect(TEMPLATES.length).toBeGreaterThan(1);
  });
  it.each(TEMPLATES.map((text, at) => [at, text] as const))(
    'template %i',
    async (at, text) => {
      const campaign = files['first.yaml'] ?? '';
      expect(campaign).toMatch(/^template: .*$/m);
      const model = text.includes('kind: text') ? campaign.replace(MODEL, 'models/base') : campaign;
      await writeFile(
        join(folder, `template-${at}.yaml`),
        model.replace(/^template: .*$/m, () => text.trimEnd()),
      );
      expect((await dryRun(`template-${at}.yaml`)).said).toContain('is valid. Nothing was started.');
    },
    120_000,
  );
});

describe('whencode init', () => {
  it.each([
    ['a chat model and two sets', 'chat.yaml', ['--model', MODEL, '--problems', 'train.jsonl', '--test', 'test.jsonl']],
    ['a base model and one set', 'base.yaml', ['--model', 'models/base', '--problems', 'train.jsonl']],
  ])(
    'writes a file that the dry run accepts: %s',
    async (_, file, options) => {
      expect(await whencode('init', file, ...options)).toMatchObject({ code: 0 });
      expect((await dryRun(file)).said).toContain('is valid. Nothing was started.');
    },
    120_000,
  );

  it('refuses what can be no campaign, before it writes anything', async () => {
    const [missing, model, data, shared, taken] = await Promise.all([
      whencode('init', 'a.yaml', '--model', MODEL),
      whencode('init', 'a.yaml', '--model', 'Qwen/Qwen2.5-0.5B', '--problems', 'train.jsonl'),
      whencode('init', 'a.yaml', '--model', MODEL, '--problems', 'nothing.jsonl'),
      whencode('init', 'a.yaml', '--model', MODEL, '--problems', 'train.jsonl', '--test', 'train.jsonl'),
      whencode('init', 'first.yaml', '--model', MODEL, '--problems', 'train.jsonl'),
    ]);
    expect([missing, model, data, shared, taken].map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
    expect(missing.said).toContain('--problems <source>');
    expect(model.said).toContain('hf download Qwen/Qwen2.5-0.5B');
    expect(shared.said).toContain('8 problems are in train.jsonl and in train.jsonl');
    expect(taken.said).toContain('exists already');
    await expect(readFile(join(folder, 'a.yaml'))).rejects.toThrow('ENOENT');
  }, 120_000);
});
