/** Machines that a plan can be made for, by data sheets: dense bf16 arithmetic, memory and its bandwidth. */

export interface Gpu {
  readonly memoryBytes: number;
  /** Floating-point operations a second. */
  readonly bf16Flops: number;
  readonly bytesPerSecond: number;
}

export const GPUS = {
  H100: { memoryBytes: 80e9, bf16Flops: 989e12, bytesPerSecond: 3.35e12 },
  H200: { memoryBytes: 141e9, bf16Flops: 989e12, bytesPerSecond: 4.8e12 },
  'A100-80': { memoryBytes: 80e9, bf16Flops: 312e12, bytesPerSecond: 2.04e12 },
  L40S: { memoryBytes: 48e9, bf16Flops: 362e12, bytesPerSecond: 0.864e12 },
  RTX4090: { memoryBytes: 24e9, bf16Flops: 165e12, bytesPerSecond: 1.01e12 },
} as const satisfies Readonly<Record<string, Gpu>>;

export type GpuName = keyof typeof GPUS;
export const HARDWARE_NAMES = [...(Object.keys(GPUS) as GpuName[]), 'cpu'] as const;
