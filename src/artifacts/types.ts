/**
 * The artifact store: input-addressed steps over content-addressed blobs.
 * A step's key is the digest of what went in; its manifest names what came out, is written last, and the first
 * writer wins. Blobs are immutable.
 */

import type { Readable } from 'node:stream';

/** `sha256:` + 64 hex digits. */
export type Digest = `sha256:${string}`;

export interface BlobRef {
  readonly digest: Digest;
  readonly bytes: number;
}

/** Everything that can change a step's result, and nothing else. Key = digest of its canonical JSON. */
export interface StepInputs {
  readonly stage: string;
  /** Bumped by hand when the stage's results change. */
  readonly version: number;
  readonly inputs: Readonly<Record<string, Digest>>;
  /** The slice of the configuration that the stage reads. */
  readonly config: unknown;
  readonly seed: string;
}

export interface Manifest {
  readonly key: Digest;
  readonly step: StepInputs;
  readonly outputs: Readonly<Record<string, BlobRef>>;
  /** Small facts: counts, metrics, failures by cause. Part of the result. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** About the run, not the result: when, where, which commit. */
  readonly information: Readonly<Record<string, unknown>>;
}

/** An output that a manifest names and that is missing from the store or damaged in it. */
export interface Flaw {
  readonly output: string;
  readonly digest: Digest;
  readonly kind: 'missing' | 'damaged';
}

/** A folder of files as one blob: canonical JSON of this, whose digest names e.g. a checkpoint. */
export interface Tree {
  readonly files: Readonly<Record<string, BlobRef>>;
}

/** Called for every computation, because manifests do not record how often a step was started. */
export interface StepObserver {
  began(key: Digest, stage: string): void;
  ended(key: Digest, stage: string, how: 'committed' | 'failed'): void;
}

/** A file of this machine and its relative path in a tree. */
export interface TreeSource {
  readonly name: string;
  readonly path: string;
}

export interface BlobStore {
  putBlob(bytes: Uint8Array): Promise<BlobRef>;
  /** @throws StoreError `blob-missing`, `blob-damaged` */
  readBlob(digest: Digest): Promise<Buffer>;
  /** The stored bytes without verification, for a report on damage. */
  readDamagedBlob(digest: Digest): Promise<Buffer>;
  /** The content without holding it in memory; its length is checked, its digest is not. */
  streamBlob(ref: BlobRef): Promise<Readable>;
  hasBlob(digest: Digest): Promise<boolean>;
  /**
   * Stores a file that nobody else writes any more, without a copy where it lies on the disk of the store: then it is
   * moved.
   *
   * @param digest - Of its content, if the caller has computed it while writing; it is not verified
   */
  adoptFile(path: string, digest?: Digest): Promise<BlobRef>;
  /** Calls `work` with an empty folder on the disk of the store, for files to adopt, and removes it afterwards. */
  inStoreFolder<T>(work: (folder: string) => Promise<T>): Promise<T>;
  /**
   * Makes the content a read-only file at a path that does not exist, without holding it in memory.
   *
   * @throws StoreError `blob-missing`, `blob-damaged`
   */
  fetchBlob(digest: Digest, path: string): Promise<void>;
}

export interface TreeStore {
  /** Stores every file below a folder of our own; returns the ref of the tree blob. */
  putTree(directory: string): Promise<BlobRef>;
  /** As `putTree`, of a folder that nobody else writes any more: its files are moved where that needs no copy. */
  adoptTree(directory: string): Promise<BlobRef>;
  /** Stores these files under their names, one after the other; returns the ref of the tree blob. */
  putFiles(files: Iterable<TreeSource> | AsyncIterable<TreeSource>): Promise<BlobRef>;
  readTree(digest: Digest): Promise<Tree>;
  /** Whether the tree and every file of it are in the store. */
  hasTree(digest: Digest): Promise<boolean>;
  /** Makes a read-only copy of a tree in this machine's cache (hard links where possible) and returns its folder. */
  materialiseTree(digest: Digest): Promise<string>;
}

export interface ManifestStore {
  readManifest(key: Digest): Promise<Manifest | undefined>;
  /** Publishes a step's result. If another attempt was first, returns the winner's manifest. */
  commitManifest(manifest: Omit<Manifest, 'key'>): Promise<Manifest>;
  /** Throws at a damaged manifest unless `onDamaged` takes its key. */
  listManifests(onDamaged?: (key: Digest) => void): AsyncIterable<Manifest>;
}

export interface MaintenanceStore {
  /** Missing or damaged outputs. With `isDeep` all content is verified, otherwise only presence and length. */
  findFlaws(manifest: Pick<Manifest, 'outputs'>, isDeep: boolean): Promise<Flaw[]>;
  /** Sets a manifest and its damaged outputs aside, so that the step is computed again; false if there is none. */
  retireManifest(key: Digest): Promise<boolean>;
  /** The newest manifest of a step that was set aside, e.g. with a collected checkpoint; its outputs may be gone. */
  readRetiredManifest(key: Digest): Promise<Manifest | undefined>;
  /**
   * Deletes a tree and those of its files that are not to be kept, and sets its maker's manifest aside. What was stored
   * again since its maker was committed stays for an hour. Returns the bytes freed.
   */
  collectTree(
    digest: Digest,
    options: { readonly maker: Digest | undefined; readonly keep: ReadonlySet<Digest> },
  ): Promise<number>;
}

export interface JournalStore {
  /** Appends what a person did to a campaign (created, paused, accepted a failure, ...). */
  appendJournal(campaignId: string, entry: JournalEntry): Promise<void>;
  /** Oldest first, as they are stored; `decodeJournal` reads them. */
  readJournal(campaignId: string): Promise<StoredEntry[]>;
  /** Ids of the campaigns that have an entry. */
  listJournals(): Promise<string[]>;
}

export interface ArtifactStore extends BlobStore, TreeStore, ManifestStore, MaintenanceStore, JournalStore {
  readonly observer: StepObserver | undefined;
}

export interface JournalEntry {
  readonly at: string;
  readonly kind: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A journal entry as stored. It may be damaged, or written by another version. */
export interface StoredEntry {
  readonly name: string;
  /** JSON of a JournalEntry. */
  readonly text: string;
}
