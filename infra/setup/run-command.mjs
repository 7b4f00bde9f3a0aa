import { spawn } from 'node:child_process';

const TAIL_LINES = 25;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Ends all running commands of `runCommand`, for when set-up itself gets a signal. */
export function stopRunningCommands() {
  for (const child of running) child.kill('SIGTERM');
}

/** A command could not be started, ended with a code other than 0, or took too long. */
export class CommandError extends Error {
  /** @override */
  name = 'CommandError';
}

/**
 * Runs a command without a shell and resolves with its stdout.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: Record<string, string>, timeoutMs?: number}} [options] `env` is added to our own
 * @returns {Promise<string>}
 * @throws {CommandError} with the last lines of its output
 */
export function runCommand(command, args, options = {}) {
  const timeoutMs = options.timeoutMs ?? 30 * 60_000;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      // System daemons and package tools are often not on a user's PATH.
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let stdout = '';
    let both = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      both += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      both += text;
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    child.once('error', (error) => {
      settle();
      reject(new CommandError(`${command} can't be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      settle();
      if (code === 0) return resolve(stdout);
      const how = timedOut ? `took longer than ${timeoutMs / 1000} s` : `ended with ${signal ?? `code ${code}`}`;
      const tail = both.trimEnd().split('\n').slice(-TAIL_LINES).join('\n    ');
      reject(new CommandError(`${[command, ...args].join(' ')} ${how}\n    ${tail}`));
    });
  });
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {number} [timeoutMs]
 * @returns {Promise<string | undefined>} trimmed stdout; undefined if the command is absent or fails
 */
export async function tryCommand(command, args, timeoutMs = 10_000) {
  try {
    return (await runCommand(command, args, { timeoutMs })).trim();
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
