/** A container engine of a test's own, with the sandbox's image: one that may be killed. Needs root, like Docker itself. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocker } from '../../src/sandbox/docker-connection.ts';
import { readSandboxImageName } from '../../src/sandbox/image-name.ts';
import { superviseProcess } from '../../src/workers/supervised-process.ts';

export interface OwnDockerd {
  /** As DOCKER_HOST takes it. */
  readonly host: string;
  /** Undefined while it is down; it is started again at once. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 120_000;

/** Starts it in the folder, without network, and copies the image from the machine's engine (about 350 MB). */
export async function startOwnDockerd(folder: string, log: (line: string) => void): Promise<OwnDockerd> {
  await mkdir(folder, { recursive: true });
  const host = `unix://${join(folder, 'docker.sock')}`;
  const places = ['data-root', 'exec-root'].flatMap((name) => [`--${name}`, join(folder, name)]);
  const daemon = superviseProcess(
    {
      name: 'dockerd',
      command: 'dockerd',
      args: [
        ...['--host', host, '--pidfile', join(folder, 'docker.pid'), ...places],
        ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
      ],
      logFile: join(folder, 'dockerd.log'),
    },
    { onStart: () => undefined, onDeath: (name, how) => log(`${name} ended (${how})`) },
  );
  await answers(host);
  await pipeImage(host);
  return {
    host,
    pid: () => daemon.pid(),
    async stop() {
      await daemon.stop();
      await endContainerd(folder);
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

async function answers(host: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await connectDocker(host).ping();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

async function pipeImage(host: string): Promise<void> {
  const image = await connectDocker().getImage(readSandboxImageName()).get();
  await new Promise<void>((resolve, reject) => {
    connectDocker(host).loadImage(image, {}, (error, answer) => {
      if (error !== null && error !== undefined) return reject(error);
      answer?.on('end', resolve).on('error', reject).resume();
    });
  });
}

/** An engine that was killed leaves its containerd to the next; the last one's end takes it along, or else this does. */
async function endContainerd(folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, 'exec-root', 'containerd', 'containerd.pid'), 'utf8').catch(() => ''));
  if (!(pid > 0)) return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (command.includes(folder)) process.kill(pid, 'SIGKILL');
}
