import type { ExecutionLimits } from '../sandbox/types.ts';
import type { CampaignConfig } from './campaign.ts';

export function limitsOf({ execution }: Pick<CampaignConfig, 'execution'>): ExecutionLimits {
  return {
    cpuMs: execution.cpuMs,
    wallMs: execution.wallMs,
    memoryBytes: execution.memoryMb * 1024 * 1024,
    outputBytes: execution.outputKb * 1024,
  };
}

/** Limits for programs with about a hundred snippets of the project's own generators. The model's code has other limits. */
export const WARM_UP_LIMITS: ExecutionLimits = {
  cpuMs: 60_000,
  wallMs: 120_000,
  memoryBytes: 512 * 1024 * 1024,
  outputBytes: 256 * 1024,
};
