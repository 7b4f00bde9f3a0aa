/** The published data sets, where `WHENCODE_DATA_DIR` names a folder of them. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { checkDataset, listDatasets } from '../../../src/datasets/check.ts';
import { parseProblemFile } from '../../../src/datasets/problem-file.ts';
import { resolveProblems } from '../../../src/datasets/resolve.ts';

const { dataDirectory = '' } = readEnvironment();
if (dataDirectory === '') console.warn('SKIPPED: published data sets; set WHENCODE_DATA_DIR to a folder that has them');

describe.skipIf(dataDirectory === '')('published data sets', () => {
  const where = { dataDirectory, cacheDirectory: join(dataDirectory, 'no-cache') };

  it('are whole and without repeats, as many as the registry says', async () => {
    const here = (await listDatasets(where)).filter(({ path }) => path !== undefined);
    expect(here.length).toBeGreaterThan(0);
    for (const { dataset, path = '' } of here) {
      const { problems: parsed, faults } = await parseProblemFile(path);
      expect([dataset.name, parsed.length + faults.length]).toEqual([dataset.name, dataset.problems]);
      expect(faults.filter((fault) => !fault.onlyAnswerMissing)).toEqual([]);
      const { problems, duplicates, mistake } = await checkDataset({ from: dataset.name }, where);
      expect([duplicates, mistake]).toEqual([[], undefined]);
      expect((await resolveProblems({ from: dataset.name }, where)).problems).toHaveLength(problems);
    }
  });
});
