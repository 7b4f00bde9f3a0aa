/** `data pull`: downloads a registered data set, checks it, and writes it in our format. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { replaceFile } from '../formats/durable-file.ts';
import { convertSource } from './convert-source.ts';
import { type DownloadOptions, downloadTo } from './download.ts';
import { readText } from './problem-file.ts';
import type { RegisteredDataset } from './registry.ts';

export interface PullOptions extends DownloadOptions {
  /** Where `<name>.jsonl` is written; created if need be. */
  readonly directory: string;
}

export interface PulledDataset {
  readonly path: string;
  readonly problems: number;
  /** Problems that were published without an answer, and are left out. */
  readonly withoutAnswer: number;
  /** The number that the registry expects; another number means that the publisher changed the file. */
  readonly expectedProblems: number;
  readonly source: {
    readonly url: string;
    readonly sha256: string;
    /** The source of the checksum that the file was compared with; absent without a published checksum. */
    readonly checkedAgainst?: string;
  };
}

/** The checksum of the download differs from the one in the registry, or of the first download. */
export class ChecksumError extends Error {
  override readonly name = 'ChecksumError';
}

/**
 * Downloads, checks and converts a data set. An interrupted pull is resumed by the next one. `<name>.jsonl` is written
 * atomically, together with `<name>.origin.json`.
 *
 * @throws DownloadError, ChecksumError or ProblemFileError
 */
export async function pullDataset(dataset: RegisteredDataset, options: PullOptions): Promise<PulledDataset> {
  const { directory } = options;
  const { name, url, checksum } = dataset;
  await mkdir(directory, { recursive: true });
  const part = join(directory, `${name}.part`);
  await downloadTo(url, part, options);
  const sha256 = await sha256OfFile(part);
  if (checksum !== undefined && checksum.sha256 !== sha256) {
    await rm(part, { force: true });
    throw new ChecksumError(
      `${name}: ${url} has SHA-256 ${sha256}, but ${checksum.statedBy} says ${checksum.sha256}; the download is ` +
        'deleted. Pull again; if it stays so, the publisher changed the file and it should be looked at before use',
    );
  }
  const originFile = join(directory, `${name}.origin.json`);
  if (checksum === undefined) await requireFirst(originFile, { name, url, sha256, part });
  const { problems, withoutAnswer } = await convertPart(part, dataset);
  const source = { url, sha256, ...(checksum === undefined ? {} : { checkedAgainst: checksum.statedBy }) };
  const path = join(directory, `${name}.jsonl`);
  await replaceFile(path, problems.map((problem) => `${JSON.stringify(problem)}\n`).join(''));
  const pulled = { problems: problems.length, withoutAnswer: withoutAnswer.length, source };
  await replaceFile(originFile, `${JSON.stringify(pulled, null, 2)}\n`);
  await rm(part, { force: true });
  return { path, expectedProblems: dataset.problems, ...pulled };
}

const originSchema = z.object({ source: z.object({ url: z.string(), sha256: z.string() }) });

/** Without a published checksum the file of the first pull counts. */
async function requireFirst(
  originFile: string,
  { name, url, sha256, part }: { name: string; url: string; sha256: string; part: string },
): Promise<void> {
  const text = await readFile(originFile, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const first = originSchema.parse(JSON.parse(text)).source;
  if (first.url !== url || first.sha256 === sha256) return;
  await rm(part, { force: true });
  throw new ChecksumError(
    `${name}: ${url} has SHA-256 ${sha256}, but had ${first.sha256} when it was first pulled; the download is deleted. ` +
      `Look at what changed; to take the new file, delete ${originFile} and pull again`,
  );
}

/** Deletes a file that can't be converted: every later pull would fail on it in the same way. */
async function convertPart(part: string, dataset: RegisteredDataset): Promise<ReturnType<typeof convertSource>> {
  try {
    return convertSource(await readText(part), dataset);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
