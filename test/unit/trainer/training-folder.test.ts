import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOfBytes } from '../../../src/artifacts/digest.ts';
import { clearTraining, inAttemptFolder, sweepTrainings } from '../../../src/trainer/training-folder.ts';

const STEP = digestOfBytes(Buffer.from('a step'));

let scratch: string;
let training: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'scratch-'));
  training = join(scratch, STEP.slice('sha256:'.length));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

/** What an attempt leaves whose process is dead: by the id of one that has just ended. */
async function leaveDeadAttempt(number: number, states: Record<string, string>): Promise<void> {
  const child = spawn('true');
  const { pid } = child;
  await once(child, 'exit');
  const folder = join(training, `attempt-${number}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'owner.json'), JSON.stringify({ pid, startedAt: '1', host: hostname() }));
  for (const [name, text] of Object.entries(states)) await writeFile(join(folder, name), text);
}

test('attempts side by side never share a folder', async () => {
  let arrived = 0;
  let open: () => void = () => undefined;
  const allHere = new Promise<void>((resolve) => {
    open = resolve;
  });
  const paths = await Promise.all(
    Array.from({ length: 12 }, () =>
      inAttemptFolder(scratch, STEP, async ({ path }) => {
        arrived += 1;
        if (arrived === 12) open();
        await allHere;
        // No attempt has removed it, although each looked for the folders of dead ones.
        expect(await readdir(path)).toEqual(['owner.json']);
        return path;
      }),
    ),
  );
  expect(new Set(paths).size).toBe(12);
});

test('an attempt goes on from the furthest state of the dead, and their folders go', async () => {
  await leaveDeadAttempt(1, { 'state-000000007.safetensors': 'seven', 'state-000000008.partial': 'torn' });
  await leaveDeadAttempt(2, { 'state-000000003.safetensors': 'three' });
  await inAttemptFolder(scratch, STEP, async ({ path, resumeFrom }) => {
    expect(path).toBe(join(training, 'attempt-3'));
    expect(await readFile(resumeFrom ?? '', 'utf8')).toBe('seven');
    expect(resumeFrom?.startsWith(path)).toBe(true);
    expect(await readdir(training)).toEqual(['attempt-3']);
  });
});

test('a failed attempt leaves its state to the next; the committed step leaves nothing', async () => {
  const fail = inAttemptFolder(scratch, STEP, async ({ path }) => {
    await writeFile(join(path, 'state-000000002.safetensors'), 'two');
    throw new Error('on the way');
  });
  await expect(fail).rejects.toThrow('on the way');
  await inAttemptFolder(scratch, STEP, async ({ resumeFrom }) => {
    expect(await readFile(resumeFrom ?? '', 'utf8')).toBe('two');
    // The step is committed by another while this attempt is still at it.
    await clearTraining(scratch, STEP);
    expect(await readFile(resumeFrom ?? '', 'utf8')).toBe('two');
  });
  await clearTraining(scratch, STEP);
  expect(await readdir(scratch)).toEqual([]);
});

test('an abandoned training is swept after its time, one in progress is not', async () => {
  await leaveDeadAttempt(1, { 'state-000000001.safetensors': 'one' });
  expect(await sweepTrainings(scratch)).toBe(0);
  await inAttemptFolder(scratch, STEP, async () => {
    expect(await sweepTrainings(scratch, -1)).toBe(0);
  });
  expect(await sweepTrainings(scratch, -1)).toBe(1);
  expect(await readdir(scratch)).toEqual([]);
});
