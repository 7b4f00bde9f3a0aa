import type { ExecutionLimits } from './types.ts';

const MIB = 1024 * 1024;

/** Limits of one snippet; see `execution` in a campaign file. */
export const DEFAULT_LIMITS: ExecutionLimits = {
  cpuMs: 2000,
  wallMs: 10_000,
  memoryBytes: 512 * MIB,
  outputBytes: 64 * 1024,
};

/** Largest file of a snippet. All its files together fit into the container's 64 MiB of /tmp. */
const FILE_BYTES = 16 * MIB;
export const TMP_BYTES = 64 * MIB;
export const SHARED_MEMORY_BYTES = 16 * MIB;
/** Supervisor, template, and sessions that wait for their next block. */
const OWN_BYTES = 320 * MIB;

/** Limits in the form of the in-container program. */
export interface ContainerLimits extends ExecutionLimits {
  readonly fileBytes: number;
  /** Total output after which a run is stopped with end `output`. */
  readonly floodBytes: number;
}

export function toContainerLimits(limits: ExecutionLimits): ContainerLimits {
  return { ...limits, fileBytes: FILE_BYTES, floodBytes: 64 * limits.outputBytes };
}

/** The container's memory limit is above the snippet's, so that a process hits its own limit (a MemoryError) first. */
export function containerMemoryBytes(limits: ExecutionLimits): number {
  return limits.memoryBytes + TMP_BYTES + SHARED_MEMORY_BYTES + OWN_BYTES;
}

/** The minimum of each limit: Python with sympy needs this memory to start. */
export const LEAST_LIMITS: ExecutionLimits = { cpuMs: 10, wallMs: 10, memoryBytes: 128 * MIB, outputBytes: 16 };

/** @throws RangeError for limits below the minimum */
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
