import { spawn } from 'node:child_process';
import { access, mkdir, open, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canUseApt, installDebianPackages } from './apt.mjs';
import { describeExposure, pingDocker, tlsFolder } from './docker-api.mjs';
import { tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const START_TIMEOUT_MS = 30_000;

/**
 * Ways to start the daemon, the most common first. Inside containers without network rights or overlayfs only the later
 * ones work. The sandbox does not need Docker's network.
 */
const DAEMON_OPTIONS = [
  [],
  ['--iptables=false', '--ip6tables=false', '--bridge=none'],
  ['--iptables=false', '--ip6tables=false', '--bridge=none', '--storage-driver=vfs'],
];

/** @type {import('./types.d.ts').SetupPart} */
export const dockerEngine = {
  name: 'Docker engine',
  announcement: 'starts it; on Debian as root installs it before (downloads 60 MB, 250 MB on disk)',
  neededBytes: 1e9,

  async check({ dockerHost }) {
    const answer = await pingDocker(dockerHost);
    if (!('error' in answer)) {
      const exposure = describeExposure(dockerHost, tlsFolder() !== undefined);
      return { status: 'ok', detail: [`${answer.version}, ${answer.platform}`, exposure].filter(Boolean).join('; ') };
    }
    return { status: 'fail', detail: answer.error, remedy: await adviseOnDocker(dockerHost) };
  },

  async install(context, say) {
    const { dockerHost, cacheDirectory } = context;
    if (dockerHost !== undefined || process.platform !== 'linux' || process.getuid?.() !== 0) {
      throw new SetupError('no Docker engine answers', await adviseOnDocker(dockerHost));
    }
    if ((await tryCommand('dockerd', ['--version'])) === undefined) {
      if (!(await canUseApt())) throw new SetupError('no Docker engine is installed', await adviseOnDocker(dockerHost));
      say('apt-get install docker.io iptables');
      await installDebianPackages(['docker.io', 'iptables', 'ca-certificates']);
    }
    await startEngine(join(cacheDirectory, 'dockerd.log'), say);
  },
};

/**
 * @param {string} logPath
 * @param {import('./types.d.ts').Say} say
 */
async function startEngine(logPath, say) {
  await mkdir(join(logPath, '..'), { recursive: true });
  if (await exists('/run/systemd/system')) {
    await tryCommand('systemctl', ['start', 'docker'], START_TIMEOUT_MS);
    if (await answersWithin(5_000, () => false)) return;
  }
  for (const options of DAEMON_OPTIONS) {
    const log = await open(logPath, 'a');
    // Detached, in a session of its own, so that it outlives this script and the end of the script's process group.
    const daemon = spawn('dockerd', options, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
    let ended = false;
    for (const event of ['exit', 'error']) {
      daemon.once(event, () => {
        ended = true;
      });
    }
    daemon.unref();
    await log.close();
    if (await answersWithin(START_TIMEOUT_MS, () => ended)) {
      say(`started dockerd ${options.join(' ')}`.trimEnd());
      return;
    }
    if (!ended) process.kill(daemon.pid ?? 0, 'SIGTERM');
    say(`dockerd ${options.join(' ')} did not come up`);
  }
  const tail = (await readFile(logPath, 'utf8')).trimEnd().split('\n').slice(-8).join('\n    ');
  throw new SetupError(
    `dockerd can't be started here:\n    ${tail}`,
    `see ${logPath}, or set DOCKER_HOST to an engine elsewhere`,
  );
}

/**
 * @param {number} timeoutMs
 * @param {() => boolean} hasEnded stop waiting: nothing will answer any more
 */
async function answersWithin(timeoutMs, hasEnded) {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(200)) {
    if (!('error' in (await pingDocker(undefined)))) return true;
    if (hasEnded()) return false;
  }
  return false;
}

/**
 * The remedy for a person on this kind of machine.
 *
 * @param {string | undefined} dockerHost
 * @returns {Promise<string>}
 */
async function adviseOnDocker(dockerHost) {
  if (dockerHost !== undefined) return `start the engine at DOCKER_HOST=${dockerHost}, or unset DOCKER_HOST`;
  const elsewhere = [
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.colima/default/docker.sock'),
    join(process.env.XDG_RUNTIME_DIR ?? '/run/user/0', 'docker.sock'),
  ];
  for (const socket of elsewhere) {
    if (!('error' in (await pingDocker(`unix://${socket}`)))) return `export DOCKER_HOST=unix://${socket}`;
  }
  if (process.platform === 'darwin') {
    return 'start Docker Desktop, or: brew install colima docker && colima start';
  }
  if (process.getuid?.() === 0) {
    return (await canUseApt())
      ? 'npm run setup'
      : 'install Docker Engine (https://docs.docker.com/engine/install/) and start dockerd';
  }
  if (await exists('/var/run/docker.sock'))
    return 'sudo usermod -aG docker $USER, then log in again (the engine runs, but not for you)';
  return 'sudo apt-get install docker.io && sudo usermod -aG docker $USER, then log in again; or rootless: dockerd-rootless-setuptool.sh install';
}

/** @param {string} path */
async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
