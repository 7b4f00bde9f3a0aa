import type { ExecutionLimits } from './types.ts';

const MIB = 1024 * 1024;

/** What a snippet of a maths rollout may use; see `execution` in a campaign file. */
export const DEFAULT_LIMITS: ExecutionLimits = {
  cpuMs: 2000,
  wallMs: 10_000,
  memoryBytes: 512 * MIB,
  outputBytes: 64 * 1024,
};

/** Largest file a snippet may write; all its files together fit into the container's 64 MiB of /tmp. */
const FILE_BYTES = 16 * MIB;
export const TMP_BYTES = 64 * MIB;
export const SHARED_MEMORY_BYTES = 16 * MIB;
/** Supervisor, template, and sessions that wait for their next block. */
const OWN_BYTES = 320 * MIB;

/** Limits as the program in the container takes them. */
export interface ContainerLimits extends ExecutionLimits {
  readonly fileBytes: number;
  /** Written in all before a run is stopped as `output`. */
  readonly floodBytes: number;
}

export function toContainerLimits(limits: ExecutionLimits): ContainerLimits {
  return { ...limits, fileBytes: FILE_BYTES, floodBytes: 64 * limits.outputBytes };
}

/** The container's own limit lies above the snippet's, so that one process meets its own (a MemoryError) first. */
export function containerMemoryBytes(limits: ExecutionLimits): number {
  return limits.memoryBytes + TMP_BYTES + SHARED_MEMORY_BYTES + OWN_BYTES;
}

/** Below these nothing can run: Python with sympy needs the memory to start. */
export const LEAST_LIMITS: ExecutionLimits = { cpuMs: 10, wallMs: 10, memoryBytes: 128 * MIB, outputBytes: 16 };

/** @throws RangeError on limits that can't work */
export function checkLimits(limits: ExecutionLimits): ExecutionLimits {
  for (const name of ['cpuMs', 'wallMs', 'memoryBytes', 'outputBytes'] as const) {
    const value = limits[name];
    if (!Number.isSafeInteger(value) || value < LEAST_LIMITS[name]) {
      throw new RangeError(
        `sandbox limit ${name} is ${value}; it has to be a whole number, at least ${LEAST_LIMITS[name]}`,
      );
    }
  }
  return limits;
}
