import { describe, expect, it } from 'vitest';
import { fetchHint, parseModelSource } from '../../../src/models/model-source.ts';

describe('the source of a model', () => {
  it.each([
    ['testbed', { kind: 'testbed' }],
    ['/models/tiny', { kind: 'folder', path: '/models/tiny' }],
    ['./Qwen/Qwen2.5-0.5B', { kind: 'folder', path: './Qwen/Qwen2.5-0.5B' }],
    ['../tiny', { kind: 'folder', path: '../tiny' }],
    ['tiny', { kind: 'folder', path: 'tiny' }],
    ['a/b/c', { kind: 'folder', path: 'a/b/c' }],
    ['Qwen/Qwen2.5-0.5B', { kind: 'hub', id: 'Qwen/Qwen2.5-0.5B' }],
    ['Qwen/Qwen2.5-0.5B@refs/pr/1', { kind: 'hub', id: 'Qwen/Qwen2.5-0.5B', revision: 'refs/pr/1' }],
  ] as const)('%s', (setting, source) => {
    expect(parseModelSource(setting)).toEqual(source);
  });

  it('of the hub comes with the command that fetches it', () => {
    expect(fetchHint({ kind: 'hub', id: 'Qwen/Qwen2.5-0.5B', revision: 'v1' })).toContain(
      '`hf download Qwen/Qwen2.5-0.5B --revision v1 --local-dir models/Qwen2.5-0.5B`',
    );
  });
});
