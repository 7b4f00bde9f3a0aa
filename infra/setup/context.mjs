import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Reads the variables of `src/config/environment.ts`, which can't be imported: set-up runs before npm packages are
 * installed.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {import('./types.d.ts').SetupContext}
 */
export function readContext(env = process.env) {
  const cacheDirectory = resolve(
    env.WHENCODE_CACHE_DIR ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'whencode'),
  );
  return {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    cacheDirectory,
    python: env.WHENCODE_PYTHON ?? join(cacheDirectory, 'trainer', 'bin', 'python'),
    pythonIsGiven: env.WHENCODE_PYTHON !== undefined,
    temporal: env.WHENCODE_TEMPORAL ?? join(cacheDirectory, 'temporal', 'bin', 'temporal'),
    temporalIsGiven: env.WHENCODE_TEMPORAL !== undefined,
    dockerHost: env.DOCKER_HOST,
  };
}
