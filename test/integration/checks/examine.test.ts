import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { examineInstallation } from '../../../src/checks/examine.ts';
import { readEnvironment } from '../../../src/config/environment.ts';

it('finds every part in place after set-up', { timeout: 120_000 }, async () => {
  const parts = await examineInstallation(readEnvironment());
  expect(parts.filter((part) => part.status === 'fail')).toEqual([]);
  expect(parts.find((part) => part.name === 'trainer packages')?.detail).toMatch(/^torch 2\.\d+/);
});

it('names what is missing and the remedy where nothing was set up', async () => {
  const cacheDirectory = await mkdtemp(join(tmpdir(), 'whencode-empty-cache-'));
  try {
    const empty = readEnvironment({ WHENCODE_CACHE_DIR: cacheDirectory, DOCKER_HOST: 'unix:///no/such/docker.sock' });
    const parts = await examineInstallation(empty);
    const failed = parts.filter((part) => part.status === 'fail');
    expect(failed.map((part) => part.name)).toEqual([
      'Temporal server',
      'Docker engine',
      'sandbox image',
      'trainer (PyTorch)',
      'trainer packages',
      'sandbox limits',
      'sandbox canaries',
    ]);
    expect(failed.filter((part) => part.remedy === undefined)).toEqual([]);
  } finally {
    await rm(cacheDirectory, { recursive: true });
  }
});
