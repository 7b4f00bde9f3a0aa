import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countResults, splitScript } from './test/count-results.mjs';

/**
 * Runs the checks of `npm run check` and the tests; the last line is `N passed, N failed`, and the exit code agrees.
 *
 *   node infra/test.mjs [--long] [what vitest takes: file name parts, -t NAME, …]
 *
 * `--long` runs test/long as well. Where files are named, only those tests run, without the checks.
 */

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const LIMIT_MS = 45 * 60_000;
const LONG_LIMIT_MS = 6 * 60 * 60_000;
const startedAt = Date.now();

/**
 * @param {readonly string[]} words
 * @param {number} timeoutMs
 * @returns {Promise<number>} exit code; 124 if it took too long, 127 if it could not be started
 */
function run([command = '', ...args], timeoutMs) {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` };
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
    let code = 127;
    const timer = setTimeout(() => {
      code = 124;
      console.error(`${command} took longer than ${timeoutMs / 60_000} min and is ended`);
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      console.error(error.message);
      resolve(code);
    });
    child.once('close', (exitCode) => {
      clearTimeout(timer);
      resolve(exitCode ?? code);
    });
  });
}

/** @param {number} from */
function secondsSince(from) {
  return `${((Date.now() - from) / 1000).toFixed(0)} s`;
}

/** @returns {Promise<import('./test/count-results.mjs').Counts>} a check counts like a test */
async function runChecks() {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const counts = { passed: 0, failed: 0, skipped: 0, problems: /** @type {string[]} */ ([]) };
  for (const words of splitScript(scripts.check)) {
    const from = Date.now();
    const exitCode = await run(words, LIMIT_MS);
    console.log(`${exitCode === 0 ? 'ok  ' : 'FAIL'} ${words.join(' ')} (${secondsSince(from)})`);
    if (exitCode === 0) counts.passed += 1;
    else {
      counts.failed += 1;
      counts.problems.push(`check: ${words.join(' ')}`);
    }
  }
  return counts;
}

/**
 * @param {readonly string[]} args
 * @param {boolean} isLong
 */
async function runTests(args, isLong) {
  const directory = await mkdtemp(join(tmpdir(), 'whencode-test-'));
  const reportPath = join(directory, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
    const words = ['vitest', 'run', ...(isLong ? ['--mode', 'long'] : []), ...reporters, ...args];
    const exitCode = await run(words, isLong ? LONG_LIMIT_MS : LIMIT_MS - (Date.now() - startedAt));
    const text = await readFile(reportPath, 'utf8').catch(() => undefined);
    // A run of named tests leaves the others out on purpose.
    const maySkip = process.env.CI !== 'true' || args.length > 0;
    return countResults(text === undefined ? undefined : JSON.parse(text), exitCode, { maySkip });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
const vitestArgs = args.filter((argument) => argument !== '--long');
const results = vitestArgs.length > 0 ? [] : [await runChecks()];
results.push(await runTests(vitestArgs, args.includes('--long')));

const problems = results.flatMap((counts) => counts.problems);
const [passed, failed, skipped] = /** @type {const} */ (['passed', 'failed', 'skipped']).map((key) =>
  results.reduce((sum, counts) => sum + counts[key], 0),
);
console.log(`\nchecks and tests took ${secondsSince(startedAt)}${skipped ? `; ${skipped} skipped` : ''}`);
for (const problem of problems) console.log(`FAIL ${problem}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
