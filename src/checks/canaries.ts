/**
 * Checks that the sandbox confines code: runs hostile snippets in a container of its own and checks what they leave.
 */
import type { Finding } from '../../infra/setup/types.d.ts';
import { checkSandbox } from '../sandbox/check-sandbox.ts';
import { createSandbox } from '../sandbox/create-sandbox.ts';

export async function checkSandboxHolds(hosts: readonly string[] | undefined): Promise<Finding> {
  try {
    const sandbox = await createSandbox({ slots: 1, ...(hosts === undefined ? {} : { dockerHost: hosts }) });
    try {
      const checks = await checkSandbox(sandbox);
      const broken = checks.filter((check) => !check.ok);
      if (broken.length === 0)
        return { status: 'ok', detail: `${checks.length} canaries held; ${sandbox.describe().join('; ')}` };
      const detail = broken.map(({ name, detail: what }) => `${name}: ${what}`).join('; ');
      return {
        status: 'fail',
        detail,
        remedy: 'do not run code of a model here; see docs/set-up.md for the engine it needs',
      };
    } finally {
      await sandbox.close();
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { status: 'fail', detail, remedy: 'npm run setup' };
  }
}
