/**
 * A store for replaying one step without writing anything: its outputs stay in memory and are compared byte for byte
 * with the outputs of the original step, also when the stored bytes have been damaged.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOfBytes, digestOfFile, digestOfStream, stepKey } from '../artifacts/digest.ts';
import { StoreError } from '../artifacts/store-error.ts';
import { listFiles } from '../artifacts/tree.ts';
import type { ArtifactStore, BlobRef, Digest, Manifest, Tree } from '../artifacts/types.ts';
import { compareSettings } from '../config/settings.ts';
import { canonicalJson } from '../formats/canonical-json.ts';
import type { Counts } from '../protocol/counts.ts';
import type { Deviation, Difference, StepComparison } from '../protocol/replay-report.ts';
import { withCurrentKeys } from '../scoring/learning-metrics.ts';
import { sampleStep } from '../steps/sample.ts';
import { trainStep } from '../steps/train.ts';
import { trainingMetricsOf } from '../steps/training-metrics.ts';
import { compareCheckpoints } from './compare-checkpoints.ts';
import { compareOutputs, isAddedLater, METRICS_TOLERANCE, type OutputBytes } from './compare-outputs.ts';
import { compareValues, excerptsOf } from './compare-values.ts';

export type Outcome = Omit<StepComparison, 'stage' | 'step'>;

export interface ComparingStore extends ArtifactStore {
  /** Undefined until the step has been committed, and if it could read all of its inputs. */
  readonly outcome: () => Outcome | undefined;
}

export function createComparingStore(store: ArtifactStore, original: Manifest | undefined): ComparingStore {
  const blobs = new Map<Digest, Buffer>();
  const trees = new Map<Digest, Difference | Deviation | undefined>();
  let outcome: Outcome | undefined;

  const putBlob = async (bytes: Uint8Array): Promise<BlobRef> => {
    const digest = digestOfBytes(bytes);
    blobs.set(digest, Buffer.from(bytes));
    return { digest, bytes: bytes.byteLength };
  };
  /** An input that can't be read makes the step `unreadable`, which is a result and not a failure of the replay. */
  const noting = async <T>(reading: Promise<T>): Promise<T> => {
    try {
      return await reading;
    } catch (error) {
      if (error instanceof StoreError && (error.code === 'blob-damaged' || error.code === 'blob-missing'))
        outcome = { verdict: 'unreadable', reason: error.message };
      throw error;
    }
  };
  const putTree = async (directory: string): Promise<BlobRef> => {
    const files: Record<string, BlobRef> = {};
    for (const name of await listFiles(directory))
      files[name] = { digest: await digestOfFile(join(directory, name)), bytes: 0 };
    const training =
      original === undefined || !trainStep.accepts(original) ? undefined : trainStep.open(store, original);
    const stored = training?.outputs.checkpoint;
    const from = training?.inputs.checkpoint;
    const ref = await putBlob(Buffer.from(canonicalJson({ files } satisfies Tree)));
    if (stored !== undefined && from !== undefined)
      trees.set(
        ref.digest,
        await compareCheckpoints({
          stored: { directory: await store.materialiseTree(stored.digest), ...(await store.readTree(stored.digest)) },
          now: { directory, files },
          from: { directory: await store.materialiseTree(from) },
        }),
      );
    return ref;
  };

  /** Keeps the bytes of a file only if they differ from those of the original step: they may be many. */
  const adoptFile: ArtifactStore['adoptFile'] = async (path, known) => {
    const ref = { digest: known ?? (await digestOfFile(path)), bytes: (await stat(path)).size };
    if (await isOriginal(ref)) return ref;
    return putBlob(await readFile(path));
  };
  async function isOriginal(ref: BlobRef): Promise<boolean> {
    if (!Object.values(original?.outputs ?? {}).some(({ digest }) => digest === ref.digest)) return false;
    const stream = await store.streamBlob(ref).catch(() => undefined);
    return stream !== undefined && (await digestOfStream(stream)) === ref.digest;
  }

  const readBlob = (digest: Digest): Promise<Buffer> =>
    noting(blobs.has(digest) ? Promise.resolve(blobs.get(digest) ?? Buffer.alloc(0)) : store.readBlob(digest));

  async function compare(stored: Manifest, now: Manifest): Promise<Outcome> {
    const changed = compareSettings(inputsOf(stored), inputsOf(now));
    const pairs = new Map<string, OutputBytes>();
    const damaged = new Set<string>();
    const deviations: Deviation[] = [];
    let difference: Difference | undefined;
    for (const name of new Set([...Object.keys(now.outputs), ...Object.keys(stored.outputs)])) {
      const [before, after] = [stored.outputs[name], now.outputs[name]];
      const bytes = after === undefined ? undefined : blobs.get(after.digest);
      // Passed through from an earlier step, whose own comparison covers it.
      if (bytes === undefined && before !== undefined && before.digest === after?.digest) continue;
      if (before === undefined && isAddedLater(name)) continue;
      if (before === undefined || after === undefined || bytes === undefined) {
        const [was, is] = [before, after].map((ref) => (ref === undefined ? 'absent' : 'present'));
        difference ??= { output: name, field: 'presence', stored: was ?? '', now: is ?? '' };
      } else if (trees.has(after.digest)) {
        const found = trees.get(after.digest);
        if (found !== undefined && 'output' in found) difference ??= found;
        else if (found !== undefined) deviations.push(found);
      } else {
        const lying = await store.readDamagedBlob(before.digest);
        const isDamaged = digestOfBytes(lying) !== before.digest;
        pairs.set(name, { stored: lying, now: bytes, isDamaged });
        if (isDamaged) damaged.add(name);
      }
    }
    const summary = sampleStep.accepts(now) ? blobs.get(sampleStep.open(store, now).outputs.summary.digest) : undefined;
    const outputs = compareOutputs(pairs, summary);
    difference ??= outputs.difference;
    deviations.push(...outputs.deviations);
    difference ??= compareFacts(stored, now, deviations);
    const rest = { ...(changed.length > 0 ? { changed } : {}), ...(deviations.length > 0 ? { deviations } : {}) };
    if (difference === undefined) return { verdict: deviations.length > 0 ? 'within-tolerance' : 'identical', ...rest };
    return {
      verdict: 'different',
      difference: damaged.has(difference.output) ? { ...difference, isDamaged: true } : difference,
      ...rest,
    };
  }

  return {
    ...store,
    // A replay does not count as a computation of the original step.
    observer: undefined,
    putBlob,
    adoptFile,
    putTree,
    adoptTree: putTree,
    readBlob,
    readTree: (digest) => noting(store.readTree(digest)),
    materialiseTree: (digest) => noting(store.materialiseTree(digest)),
    // The step itself is not found here, so that it runs. The manifests of other steps come from the real store.
    readManifest: async (key) => (key === original?.key ? undefined : store.readManifest(key)),
    async commitManifest(result) {
      const now: Manifest = { key: stepKey(result.step), ...result };
      outcome = original === undefined ? { verdict: 'not-stored' } : await compare(original, now);
      if (trainStep.accepts(now))
        outcome = { ...outcome, metrics: await trainingMetricsOf(trainStep.open({ ...store, readBlob }, now)) };
      return now;
    },
    appendJournal: () => Promise.reject(new Error('a replayed step writes no journal')),
    outcome: () => outcome,
  };
}

/** The values that a step's key is derived from. */
const inputsOf = ({ step: { version, inputs, config, seed } }: Manifest) => ({ version, inputs, config, seed });

const metricsOf = ({ facts }: Manifest): Counts => withCurrentKeys((facts.metrics ?? {}) as Counts);

/** Renames the metrics of trainings of earlier versions. */
const factsOf = (manifest: Manifest): Manifest['facts'] =>
  trainStep.accepts(manifest) ? { ...manifest.facts, metrics: metricsOf(manifest) } : manifest.facts;

/** Counts must be equal; metrics of a training have the same tolerance as its weights. */
function compareFacts(stored: Manifest, now: Manifest, deviations: Deviation[]): Difference | undefined {
  let [largest, allowed] = [0, 0];
  const expected = metricsOf(now);
  const found = compareValues(factsOf(stored), factsOf(now), {
    allowed: (path) => {
      const [section, name = ''] = path.split('.');
      if (section !== 'metrics') return undefined;
      allowed = Math.max(METRICS_TOLERANCE.absolute, METRICS_TOLERANCE.share * Math.abs(expected[name] ?? 0));
      return allowed;
    },
    note: (deviation) => {
      if (deviation > largest) largest = deviation;
    },
  });
  if (found !== undefined) return { output: 'facts', field: found.path, ...excerptsOf(found.stored, found.now) };
  if (largest > 0) deviations.push({ of: 'metrics', largest, allowed });
  return undefined;
}
