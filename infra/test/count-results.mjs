/**
 * @typedef {{status: string, fullName: string}} TestCase `passed`, `failed`, `pending`, `skipped`, `todo`
 * @typedef {{name: string, status: string, message?: string, assertionResults: TestCase[]}} TestFile
 * @typedef {{success: boolean, testResults: TestFile[]}} VitestReport what vitest's JSON reporter writes
 * @typedef {{passed: number, failed: number, skipped: number, problems: string[]}} Counts `problems`: a line a failure
 */

/**
 * Counts so that 0 failed means that everything ran and passed. Besides failed tests, these count as failed: a file
 * that broke outside of its tests or holds none, skipped tests where none are allowed (continuous integration), a
 * missing report, and an exit code for an error that belongs to no test.
 *
 * @param {VitestReport | undefined} report undefined if vitest wrote none
 * @param {number} exitCode vitest's own
 * @param {{maySkip: boolean}} options
 * @returns {Counts}
 */
export function countResults(report, exitCode, { maySkip }) {
  const counts = { passed: 0, failed: 0, skipped: 0, problems: /** @type {string[]} */ ([]) };
  const fail = (/** @type {string} */ problem) => {
    counts.failed += 1;
    counts.problems.push(problem);
  };
  if (report === undefined) {
    fail(`vitest ended with code ${exitCode} before it wrote its report`);
    return counts;
  }
  for (const file of report.testResults) {
    const failedBefore = counts.failed;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') fail(`${file.name}: ${test.fullName}`);
      else {
        counts.skipped += 1;
        if (!maySkip) fail(`${file.name}: skipped: ${test.fullName}`);
      }
    }
    const broke = file.status === 'failed' && counts.failed === failedBefore;
    if (broke || file.assertionResults.length === 0) fail(`${file.name}: ${file.message || 'holds no test'}`);
  }
  if (report.testResults.length === 0) fail('no test file was found');
  if (counts.failed === 0 && exitCode !== 0) fail(`vitest ended with code ${exitCode}: an error outside of the tests`);
  return counts;
}

/**
 * @param {string} script an npm script of commands joined by `&&`, as `check` of package.json
 * @returns {string[][]} the commands as words
 */
export function splitScript(script) {
  return script.split('&&').map((command) => command.trim().split(/\s+/));
}
