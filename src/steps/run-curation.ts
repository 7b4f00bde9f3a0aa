/** Runs a curation over stored shards: on a thread of its own unless it is small, so that the API keeps answering. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StoredOutput } from '../artifacts/define-step.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { type CuratedShards, type CurationJob, curateShards } from './curate-shards.ts';
import type { CurationAnswer, CurationResult, CurationThreadJob } from './curation-thread.ts';

/** An iteration of the testbed has some 100 kB. Starting a thread takes longer than curating these. */
const SMALL_BYTES = 4_000_000;

/** The outputs are stored. */
export interface StoredCuration extends Omit<CuratedShards, 'curation' | 'hasSet'> {
  readonly curation: StoredOutput;
  readonly trainingSet?: StoredOutput;
}

export async function runCuration(store: ArtifactStore, job: CurationJob): Promise<StoredCuration> {
  const tokenBytes = job.shards.reduce((sum, { tokens }) => sum + tokens.bytes, 0);
  const {
    curation,
    hasSet: _,
    ...curated
  } = await (tokenBytes <= SMALL_BYTES ? curateHere : curateOnThread)(store, job);
  return { ...curated, curation: new StoredOutput(await store.putBlob(curation)) };
}

type Curated = CuratedShards & Pick<StoredCuration, 'trainingSet'>;

async function curateHere(store: ArtifactStore, job: CurationJob): Promise<Curated> {
  let file = Buffer.alloc(0);
  const curated = await curateShards(
    job,
    (digest) => store.readBlob(digest),
    (fileBytes) => {
      file = Buffer.alloc(fileBytes);
      return (bytes, position) => file.set(bytes, position);
    },
  );
  return curated.hasSet ? { ...curated, trainingSet: new StoredOutput(await store.putBlob(file)) } : curated;
}

const curateOnThread = (store: ArtifactStore, job: CurationJob): Promise<Curated> =>
  store.inStoreFolder(async (folder) => {
    const file = join(folder, 'training-set');
    const { digest, ...curated } = await askThread(store, { ...job, file });
    if (digest === undefined) return curated;
    return { ...curated, trainingSet: new StoredOutput(await store.adoptFile(file, digest)) };
  });

/** The thread asks for blobs, so that it needs no store of its own. */
function askThread(store: ArtifactStore, job: CurationThreadJob): Promise<CurationResult> {
  const worker = new Worker(new URL('./curation-thread-entry.mjs', import.meta.url), { workerData: job });
  const send = async (digest: Digest): Promise<void> => {
    const read = await store.readBlob(digest);
    // A small file's bytes share a buffer, which can't be transferred. A copy of every large one would make work for the
    // garbage collector, which holds up the API.
    const bytes = read.byteLength === read.buffer.byteLength ? read : new Uint8Array(read);
    worker.postMessage({ digest, bytes }, [bytes.buffer as ArrayBuffer]);
  };
  return new Promise<CurationResult>((resolve, reject) => {
    worker.on('message', (answer: CurationAnswer) => {
      if (answer.kind === 'done') resolve(answer.result);
      else void send(answer.digest).catch(reject);
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread of a curation ended with code ${code} and no result`)));
  }).finally(() => void worker.terminate());
}
