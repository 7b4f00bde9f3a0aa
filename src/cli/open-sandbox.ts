/** Opens the sandbox for a command; expected failures are messages, not stack traces. */
import { readEnvironment } from '../config/environment.ts';
import { createSandbox, type DockerSandbox, type SandboxOptions } from '../sandbox/create-sandbox.ts';
import { SandboxUnavailableError } from '../sandbox/docker-connection.ts';
import { CommandFailure, UsageError } from './exit.ts';

export async function openSandbox(options: SandboxOptions): Promise<DockerSandbox> {
  const { sandboxHosts } = readEnvironment();
  const host = sandboxHosts === undefined ? {} : { dockerHost: sandboxHosts };
  return await createSandbox({ ...host, ...options }).catch((error: unknown) => {
    if (error instanceof RangeError) throw new UsageError(error.message);
    if (error instanceof SandboxUnavailableError) throw new CommandFailure(error.message);
    throw error;
  });
}
