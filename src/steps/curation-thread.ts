/** The thread of one curation: it asks for blobs, writes the training set into a file and answers with the rest. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { digestOfFile } from '../artifacts/digest.ts';
import type { Digest } from '../artifacts/types.ts';
import { type CuratedShards, type CurationJob, curateShards } from './curate-shards.ts';

export interface CurationThreadJob extends CurationJob {
  /** File of the training set, which does not exist yet. */
  readonly file: string;
}

export interface CurationResult extends CuratedShards {
  /** Of the training set; absent where there is none. */
  readonly digest?: Digest;
}

/** From the thread. A `read` is answered by the blob's bytes. */
export type CurationAnswer =
  | { readonly kind: 'read'; readonly digest: Digest }
  | { readonly kind: 'done'; readonly result: CurationResult };

if (parentPort !== null) await curateFor(parentPort, workerData as CurationThreadJob);

async function curateFor(port: MessagePort, job: CurationThreadJob): Promise<void> {
  const post = (answer: CurationAnswer): void => port.postMessage(answer);
  const read = (digest: Digest): Promise<Uint8Array> =>
    new Promise((resolve) => {
      port.once('message', ({ bytes }: { readonly bytes: Uint8Array }) => resolve(bytes));
      post({ kind: 'read', digest });
    });
  let opened: number | undefined;
  const curated = await curateShards(job, read, (fileBytes) => {
    const file = openSync(job.file, 'wx');
    opened = file;
    ftruncateSync(file, fileBytes);
    return (bytes, position) => writeFully(file, bytes, position);
  });
  if (opened !== undefined) closeSync(opened);
  post({ kind: 'done', result: { ...curated, ...(curated.hasSet ? { digest: await digestOfFile(job.file) } : {}) } });
}

/** One write takes at most 2 GB, and may take less. */
function writeFully(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.byteLength; )
    done += writeSync(file, bytes, done, bytes.byteLength - done, position + done);
}
