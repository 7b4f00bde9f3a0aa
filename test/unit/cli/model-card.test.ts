import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lineageOf } from '../../../src/cli/model-card.ts';
import { chatTemplate, writeProvenance } from '../../../src/cli/provenance.ts';
import { loadCampaign } from '../../../src/config/load.ts';
import type { CheckpointView } from '../../../src/db/views.ts';
import { TEMPLATES } from '../../../src/rollout/template.ts';
import { metricsOf } from '../reports/reports.ts';

const checkpoint = (digest: string, campaignId: string, iteration: number, more: Partial<CheckpointView> = {}) => ({
  digest,
  campaignId,
  iteration,
  createdAt: `2026-01-0${iteration + 1}`,
  ...more,
});

it('follows parents, and forks into the campaign that they are from', () => {
  const start = checkpoint('a', 'math', 0);
  const first = checkpoint('b', 'math', 1, { parent: 'a' });
  const fork = checkpoint('b', 'other', 1, { forkedFrom: 'math/1' });
  const second = checkpoint('c', 'other', 2, { parent: 'b' });
  const names = lineageOf([second, fork, first, start], second).map(
    ({ campaign, iteration }) => `${campaign}/${iteration}`,
  );
  expect(names).toEqual(['other/2', 'other/1', 'math/1', 'math/0']);
});

it('ends where a checkpoint is its own parent', () => {
  const odd = checkpoint('a', 'math', 1, { parent: 'a' });
  expect(lineageOf([odd], odd)).toHaveLength(1);
});

it('makes a chat template of a plain prompt alone', () => {
  expect(chatTemplate(TEMPLATES.testbed)).toContain('messages[-1]');
  expect(chatTemplate(TEMPLATES.markdown)).toBeUndefined();
});

it('writes a card with figures and intervals, keeps the base model’s, and names no folder of the machine', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'card-'));
  try {
    await writeFile(join(folder, 'config.json'), '{"eos_token_id": 2}');
    await writeFile(join(folder, 'README.md'), 'of the base model');
    const config = { ...(await loadCampaign('examples/testbed.yaml')), model: '/home/ada/models/tiny' };
    const lineage = [{ digest: 'sha256:ab', campaign: 'math', iteration: 1, madeAt: '2026-01-01' }];
    const evaluation = {
      id: 'eval/1',
      checkpoint: 'sha256:ab',
      suite: 'held-out',
      status: 'completed',
      startedAt: '',
    } as const;
    const evaluations = [{ ...evaluation, metrics: metricsOf(0.8) }];
    const written = await writeProvenance(folder, 'sha256:ab', { config, lineage, evaluations });
    expect(written).toEqual([
      'README-base.md',
      'README.md',
      'chat_template.jinja',
      'generation_config.json',
      'whencode.json',
    ]);
    const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
    expect(await read('README.md')).toMatch(/^---\nlibrary_name: transformers\n/);
    expect(await read('README.md')).toContain('| held-out | .80 [.75, .85] |');
    expect(await read('README-base.md')).toBe('of the base model');
    expect(JSON.parse(await read('generation_config.json'))).toMatchObject({ eos_token_id: 2, do_sample: false });
    for (const name of ['README.md', 'whencode.json']) expect(await read(name)).not.toContain('/home/ada');
    expect(JSON.parse(await read('whencode.json'))).toMatchObject({ lineage, settings: { model: 'tiny' } });
  } finally {
    await rm(folder, { recursive: true });
  }
});
