/** An own prompt template, as a campaign file writes it. */
import { z } from 'zod';
import { count } from './numbers.ts';

const promptParts = {
  before: z.string(),
  after: z.string(),
  examples: z
    .array(z.strictObject({ problem: z.string(), solution: z.string() }))
    .readonly()
    .exactOptional(),
};

export const templateSchema = z.strictObject({
  prompt: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('text'), ...promptParts }),
    z.strictObject({ kind: z.literal('chat'), system: z.string().exactOptional(), ...promptParts }),
  ]),
  prefixes: z.strictObject({ cot: z.string().min(1), code: z.string().min(1) }),
  interleaved: z.literal(true).exactOptional(),
  codeOpen: z.string().min(1),
  codeClose: z.string().min(1),
  toolOpen: z.string(),
  toolClose: z.string(),
  toolMaxCharacters: count,
  toolCut: z.enum(['last-line', 'head-tail']),
});
