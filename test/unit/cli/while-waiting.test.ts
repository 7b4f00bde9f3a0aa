import { afterEach, expect, it, vi } from 'vitest';
import { whileWaiting } from '../../../src/cli/while-waiting.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('says that it waits until the end, and nothing of what ends at once', async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  expect(await whileWaiting('eval/1 runs', Promise.resolve(7), 10)).toBe(7);
  expect(said).toEqual([]);
  await whileWaiting('eval/1 runs', new Promise((done) => setTimeout(done, 100)), 10);
  expect(said[0]).toMatch(/^eval\/1 runs, for .* so far; Ctrl-C ends this command alone\n$/);
  const { length } = said;
  await new Promise((done) => setTimeout(done, 50));
  expect(said).toHaveLength(length);
  await expect(whileWaiting('x', Promise.reject(new Error('lost')), 10)).rejects.toThrow('lost');
});
