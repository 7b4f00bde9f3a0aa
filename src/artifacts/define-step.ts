/**
 * A stage in one place: its name and version, what it is made from, what comes out, and how that is read again. Renaming
 * an output, an input or a fact is a compile error wherever it is read.
 */
import { z } from 'zod';
import type { Codec } from './codecs.ts';
import { stepKey } from './digest.ts';
import { runStep } from './step.ts';
import { StoreError } from './store-error.ts';
import type { ArtifactStore, BlobRef, Digest, Manifest, StepInputs } from './types.ts';

type InputsSchema = z.ZodType<unknown, Readonly<Record<string, Digest>>>;
type FactsSchema = z.ZodType<unknown, Readonly<Record<string, unknown>>>;
type Outputs = Readonly<Record<string, Codec<unknown, never>>>;

export interface StepSpec<I extends InputsSchema, O extends Outputs, F extends FactsSchema> {
  readonly stage: string;
  /** Bumped by hand when the stage's results change. */
  readonly version: number;
  /** Digests of blobs, trees and manifests by name. */
  readonly inputs: I;
  readonly outputs: O;
  /** Small facts. The schema may transform: what is written is its input, what is read its output. */
  readonly facts: F;
}

/** The parts of a step's key other than its stage. */
export interface StepAt<I extends InputsSchema> {
  readonly inputs: z.input<I>;
  /** The slice of the configuration that the stage reads. */
  readonly config: unknown;
  readonly seed?: string;
}

type ValueOf<C> = C extends { readonly read: (...args: never[]) => Promise<infer Value> } ? Value : never;
type WrittenOf<C> = C extends { readonly write: (store: ArtifactStore, value: infer Written) => unknown }
  ? Written | StoredOutput
  : never;
type OptionalOf<O> = { [N in keyof O]: O[N] extends { readonly isOptional: true } ? N : never }[keyof O];

/** What the work of a step returns: a value for every output, which is written here, or an output that is stored already. */
export interface StepWork<O extends Outputs, F extends FactsSchema> {
  readonly outputs: { readonly [N in Exclude<keyof O, OptionalOf<O>>]: WrittenOf<O[N]> } & {
    readonly [N in OptionalOf<O>]?: WrittenOf<O[N]>;
  };
  readonly facts: z.input<F>;
  /** About the run, not the result: durations, device. */
  readonly information?: Readonly<Record<string, unknown>>;
}

/** A step that is done. Inputs, outputs and facts are checked when they are read. */
export interface FinishedStep<I extends InputsSchema, O extends Outputs, F extends FactsSchema> {
  readonly key: Digest;
  readonly stage: string;
  readonly inputs: z.output<I>;
  readonly outputs: {
    readonly [N in keyof O]: N extends OptionalOf<O>
      ? StepOutput<ValueOf<O[N]>> | undefined
      : StepOutput<ValueOf<O[N]>>;
  };
  readonly facts: z.output<F>;
  readonly information: Readonly<Record<string, unknown>>;
  readonly manifest: Manifest;
}

/** An output that is stored already. */
export class StoredOutput {
  readonly ref: BlobRef;
  constructor(ref: BlobRef) {
    this.ref = ref;
  }
  get digest(): Digest {
    return this.ref.digest;
  }
}

/** An output of a step that is done. Also the output of a step that hands it on. */
export class StepOutput<Value> extends StoredOutput {
  readonly #read: () => Promise<Value>;
  constructor(ref: BlobRef, read: () => Promise<Value>) {
    super(ref);
    this.#read = read;
  }
  read(): Promise<Value> {
    return this.#read();
  }
}

/**
 * @example
 * export const countStep = defineStep({
 *   stage: 'count',
 *   version: 1,
 *   inputs: z.object({ text: digestSchema }),
 *   outputs: { words: jsonLines<string>() },
 *   facts: z.object({ words: z.number() }),
 * });
 * const done = await countStep.run(store, { inputs: { text }, config: null }, async () => {
 *   const words = `${await store.readBlob(text)}`.split(' ');
 *   return { outputs: { words }, facts: { words: words.length } };
 * });
 * // Anywhere, later: string[]
 * const words = await (await countStep.read(store, done.key)).outputs.words.read();
 */
export function defineStep<I extends InputsSchema, O extends Outputs, F extends FactsSchema>(spec: StepSpec<I, O, F>) {
  const { stage, version } = spec;
  const stepOf = ({ inputs, config, seed = '' }: StepAt<I>): StepInputs => ({ stage, version, inputs, config, seed });
  const open = (store: ArtifactStore, manifest: Manifest): FinishedStep<I, O, F> => {
    if (!accepts(manifest))
      throw new Error(`step ${manifest.key} is one of stage "${manifest.step.stage}"; what is read here is "${stage}"`);
    return openStep(spec, store, manifest);
  };
  const accepts = (manifest: Manifest): boolean => manifest.step.stage === stage;
  return {
    stage,
    codecs: spec.outputs,
    accepts,
    /** Undefined for a manifest of another stage, or of a version whose inputs this version does not know. */
    inputsOf(manifest: Manifest): z.output<I> | undefined {
      return accepts(manifest) ? spec.inputs.safeParse(manifest.step.inputs).data : undefined;
    },
    /** The manifest as a step of this stage. @throws Error for one of another stage */
    open,
    /** The step with these inputs; undefined if it is not done. */
    async find(store: ArtifactStore, at: StepAt<I>): Promise<FinishedStep<I, O, F> | undefined> {
      const manifest = await store.readManifest(stepKey(stepOf(at)));
      return manifest === undefined ? undefined : open(store, manifest);
    },
    /** @throws StoreError `step-missing`; Error for a step of another stage */
    async read(store: ArtifactStore, key: Digest): Promise<FinishedStep<I, O, F>> {
      return open(store, await requireManifest(store, key));
    },
    /** Does the step at most once. An error of `work` is rethrown, and nothing is committed. */
    async run(
      store: ArtifactStore,
      at: StepAt<I>,
      work: (step: { readonly key: Digest }) => Promise<StepWork<O, F>>,
    ): Promise<FinishedStep<I, O, F>> {
      const step = stepOf(at);
      const manifest = await runStep(store, step, async () => {
        const { outputs, facts, information } = await work({ key: stepKey(step) });
        // An output that cannot be read back is not committed.
        parseOrThrow(spec.facts, facts, `the facts of stage "${stage}"`);
        return {
          outputs: await writeOutputs(spec.outputs, store, outputs),
          facts,
          ...(information === undefined ? {} : { information }),
        };
      });
      return open(store, manifest);
    },
  };
}

interface Openable {
  readonly stage: string;
  accepts(manifest: Manifest): boolean;
  open(store: ArtifactStore, manifest: Manifest): unknown;
}

/** Reads a step that is of one of several stages. @throws as `read` of one stage does */
export async function readOneOf<D extends Openable>(
  store: ArtifactStore,
  key: Digest,
  definitions: readonly D[],
): Promise<ReturnType<D['open']>> {
  const manifest = await requireManifest(store, key);
  const found = definitions.find((definition) => definition.accepts(manifest));
  if (found !== undefined) return found.open(store, manifest) as ReturnType<D['open']>;
  const expected = definitions.map(({ stage }) => `"${stage}"`).join(' or ');
  throw new Error(`step ${key} is one of stage "${manifest.step.stage}"; what is read here is ${expected}`);
}

/** @throws StoreError `step-missing` */
export async function requireManifest(store: ArtifactStore, key: Digest): Promise<Manifest> {
  const manifest = await store.readManifest(key);
  if (manifest !== undefined) return manifest;
  throw new StoreError(
    'step-missing',
    `step ${key} is not in the artifact store; is it the store that the campaign began in?`,
  );
}

async function writeOutputs<O extends Outputs>(
  codecs: O,
  store: ArtifactStore,
  values: Readonly<Record<string, unknown>>,
): Promise<Record<string, BlobRef>> {
  const refs: Record<string, BlobRef> = {};
  for (const [name, codec] of Object.entries(codecs)) {
    const value = values[name];
    if (value instanceof StoredOutput) refs[name] = value.ref;
    else if (value !== undefined) refs[name] = await codec.write(store, value as never);
    else if (!codec.isOptional) throw new Error(`the step left out its output "${name}"`);
  }
  return refs;
}

function openStep<I extends InputsSchema, O extends Outputs, F extends FactsSchema>(
  spec: StepSpec<I, O, F>,
  store: ArtifactStore,
  manifest: Manifest,
): FinishedStep<I, O, F> {
  const { key, step, information } = manifest;
  const of = `step ${key} of stage "${step.stage}", version ${step.version}`;
  const outputs = {};
  // An output is looked up when it is accessed, so the known outputs of an older version stay readable.
  for (const [name, codec] of Object.entries(spec.outputs))
    Object.defineProperty(outputs, name, {
      enumerable: true,
      get: () => {
        const ref = manifest.outputs[name];
        if (ref !== undefined)
          return new StepOutput(ref, () => codec.read(store, ref.digest, `output "${name}" of ${of}`));
        if (codec.isOptional) return undefined;
        const names = Object.keys(manifest.outputs).join(', ') || 'none';
        throw new Error(`${of} has no output "${name}", which version ${spec.version} has; it has: ${names}`);
      },
    });
  return {
    key,
    stage: step.stage,
    get inputs() {
      return parseOrThrow(spec.inputs, step.inputs, `the inputs of ${of}`);
    },
    outputs: outputs as FinishedStep<I, O, F>['outputs'],
    get facts() {
      return parseOrThrow(spec.facts, manifest.facts, `the facts of ${of}`);
    },
    information,
    manifest,
  };
}

function parseOrThrow<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`${what} are not what this version knows: ${z.prettifyError(parsed.error)}`);
}
