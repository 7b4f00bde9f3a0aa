import { afterAll, vi } from 'vitest';
import { createSandbox, type DockerSandbox, type SandboxOptions } from '../../../src/sandbox/create-sandbox.ts';
import type { ExecutionResult } from '../../../src/sandbox/types.ts';

// Nothing here is a matter of time: a machine under load may take as long as it likes.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** A sandbox of one container without a cache, closed after the file's tests. */
export async function openSandbox(options: SandboxOptions = {}): Promise<DockerSandbox> {
  const sandbox = await createSandbox({ slots: 1, cache: false, ...options });
  opened.push(sandbox);
  return sandbox;
}

const opened: DockerSandbox[] = [];
afterAll(() => Promise.all(opened.map((sandbox) => sandbox.close())));

/** Runs one block after others. */
export async function runCode(
  sandbox: DockerSandbox,
  code: string,
  previousBlocks: readonly string[] = [],
  seed = 1,
): Promise<ExecutionResult> {
  const [result] = await sandbox.run([{ id: 'test', previousBlocks, code, seed }]);
  if (result === undefined) throw new Error('no result');
  return result;
}
