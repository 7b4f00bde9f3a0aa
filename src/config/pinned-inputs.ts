/**
 * What a campaign's start has stored of the files that its settings name: later reads, on any machine, take that. Pins are
 * found by the setting that they are of, so a setting that changes loses its pin.
 */
import { z } from 'zod';
import { canonicalJson } from '../formats/canonical-json.ts';

export const pinnedSchema = z.array(
  z.strictObject({
    input: z.string().describe('JSON of the setting'),
    digest: z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)]).describe('Of the tree or blob'),
  }),
);

export type PinnedInput = Readonly<z.infer<typeof pinnedSchema>[number]>;

/** The tree of a model folder. */
export const modelInput = (model: string): string => canonicalJson({ model });
/** A blob with the resolved problems, a JSON line each; a seed chooses those that a limit keeps. */
export const problemsInput = (source: object, seed: number): string => canonicalJson({ problems: source, seed });
/** The blob of a file of traces. */
export const tracesInput = (file: string): string => canonicalJson({ traces: file });

/** Undefined for what is read where it lies: generated problems, and all files of campaigns of earlier versions. */
export const findPinned = (
  { pinned = [] }: { readonly pinned?: readonly PinnedInput[] | undefined },
  input: string,
): PinnedInput['digest'] | undefined => pinned.find((item) => item.input === input)?.digest;
