import { z } from 'zod';

/** Messages between pool and supervisor, one JSON frame each. */

export const helloSchema = z.object({
  protocol: z.literal(1),
  python: z.string(),
  cgroup: z.enum(['v1', 'v2', 'none']),
  /** Whether addresses are still random, so that `id()` differs from run to run. */
  aslr: z.boolean(),
  machine: z.string(),
});
export type Hello = z.infer<typeof helloSchema>;

export const replySchema = z.object({
  end: z.enum(['ok', 'error', 'cpu-timeout', 'wall-timeout', 'memory', 'output', 'starved']),
  stdout: z.string(),
  stderr: z.string(),
  exception: z.string().optional(),
  value: z.string().optional(),
  cpuMs: z.number().default(0),
  memoryBytes: z.number().default(0),
  /** Number of previous blocks that were run again, because no kept session had their state. */
  replayed: z.number(),
  /** Indices of the previous blocks that end their process, so that they leave no state. */
  skipped: z.array(z.number()),
  resumed: z.boolean(),
  /** The process waits for the next block of this rollout. */
  kept: z.boolean().default(false),
  /** The process ended during the block. */
  died: z.boolean().default(true),
});
export type Reply = z.infer<typeof replySchema>;

export const censusSchema = z.object({
  processes: z.number(),
  descriptors: z.number(),
  files: z.number(),
  kept: z.number(),
  /** Orphans of snippets that were killed since the start. */
  strays: z.number(),
  memoryKib: z.number(),
});
export type Census = z.infer<typeof censusSchema>;

export const beatSchema = z.object({ beat: z.literal(1) });
