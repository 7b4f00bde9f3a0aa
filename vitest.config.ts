import { defineConfig } from 'vitest/config';

/** `--mode long` adds what takes too long for every change: seeds, soaks. */
export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/bench/**', 'node_modules/**', ...(mode === 'long' ? [] : ['test/long/**'])],
    // A busy machine is slow and not wrong: these end what hangs, and no test has a shorter time of its own.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Two cores: heavy parts (Docker, PyTorch, ONNX) side by side only slow each other down.
    maxWorkers: 2,
  },
}));
