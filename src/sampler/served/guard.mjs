/**
 * Runs a shell command and ends it, with all its processes, when our stdin closes: a killed worker must not leave a
 * model server behind that holds the GPU. The command comes by descriptor 3: arguments are every user's to read.
 */
import { spawn } from 'node:child_process';

const GRACE_MS = 10_000;
const child = spawn('sh', ['-c', 'command=$(cat <&3); exec 3<&-; eval "$command"'], {
  stdio: ['ignore', 'inherit', 'inherit', 3],
  detached: true,
});

/** @param {NodeJS.Signals} signal */
function killGroup(signal) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The group is gone.
  }
}

function end() {
  killGroup('SIGTERM');
  setTimeout(() => killGroup('SIGKILL'), GRACE_MS).unref();
}

process.stdin.on('end', end).on('close', end).on('error', end).resume();
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) process.on(signal, end);
child.once('exit', (code, signal) => {
  // What the command started and left behind goes as well.
  killGroup('SIGKILL');
  process.exit(signal === null ? (code ?? 1) : 1);
});
child.once('error', () => process.exit(127));
