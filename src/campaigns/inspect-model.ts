/** Whether a model folder from elsewhere can be used, found out in a process of its own. */
import { type LimitedProcessOptions, limitedProcess, ProcessLimitError } from '../process/limited-process.ts';
import type { InspectionRequest, ModelInspection } from './model-inspector.ts';

const LIMITS: LimitedProcessOptions = {
  entry: new URL('./model-inspector-entry.mjs', import.meta.url),
  // For looking at names and sizes; `model-inspector.ts` allows more by these.
  cpuMs: 2000,
  memoryMb: 3000,
  idleMs: 0,
};

/**
 * Checks the files of a model folder, and measures prompts with its tokenizer.
 *
 * @throws Error whose message names the file and what is wrong with it
 * @example const { config, template } = await inspectModel({ folder: 'models/SmolLM2-135M' });
 */
export async function inspectModel(request: InspectionRequest): Promise<ModelInspection> {
  try {
    return await limitedProcess<InspectionRequest, ModelInspection>(LIMITS)(request);
  } catch (error) {
    if (!(error instanceof ProcessLimitError)) throw error;
    const taken =
      error.limit === 'memory'
        ? `more than ${LIMITS.memoryMb} MB of memory`
        : 'more CPU time than their sizes account for';
    throw new Error(
      `${request.folder}: reading its tokenizer.json, tokenizer_config.json and config.json takes ${taken}; take the model from another source`,
    );
  }
}
