/** A Docker engine of the test's own, beside the machine's: it may be killed, and be the second host of a pool. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDocker } from '../../src/sandbox/docker-connection.ts';
import { readSandboxImageName } from '../../src/sandbox/image-name.ts';

const START_LIMIT_MS = 120_000;

export class OwnDockerd {
  private readonly folder = mkdtempSync(join(tmpdir(), 'whencode-dockerd-'));
  readonly host = `unix://${join(this.folder, 'docker.sock')}`;
  private process: ChildProcess | undefined;

  /** Starts it, with its containers and images of before, and waits until it answers. */
  async start(): Promise<void> {
    const log = openSync(join(this.folder, 'log'), 'a');
    const place = (name: string) => join(this.folder, name);
    // After SIGKILL it would wait for the containerd of this number, which died with it.
    rmSync(place('exec/containerd/containerd.pid'), { force: true });
    this.process = spawn(
      'dockerd',
      [
        `--host=${this.host}`,
        `--data-root=${place('data')}`,
        `--exec-root=${place('exec')}`,
        `--pidfile=${place('pid')}`,
        '--bridge=none',
        '--iptables=false',
      ],
      { stdio: ['ignore', log, log] },
    );
    const end = Date.now() + START_LIMIT_MS;
    for (;;) {
      try {
        await connectDocker(this.host).ping();
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  /** Copies the sandbox image from the machine's engine. */
  async copyImage(): Promise<void> {
    const image = await connectDocker(process.env.DOCKER_HOST).getImage(readSandboxImageName()).get();
    const answer = await connectDocker(this.host).loadImage(image);
    await once(answer.resume(), 'end');
  }

  /** SIGKILL: it says goodbye to nobody, and without --live-restore its containers are ended at its next start. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.process;
    this.process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    running.kill(signal);
    await once(running, 'exit');
  }

  async remove(): Promise<void> {
    await this.kill('SIGTERM');
    // What a killed one left mounted.
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    for (const mount of mounts.filter((path) => path.startsWith(this.folder)).reverse())
      execFileSync('umount', ['--lazy', mount]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
