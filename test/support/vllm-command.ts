import { join } from 'node:path';
import type { ContractName } from './served-contract.ts';

/** Serves on the CPU in fp32, from the folder that test/bench/served/install-vllm.mjs made. */
export function vllmCommand(folder: string, logProbs: ContractName, contextTokens = 512): string {
  const environment = 'VLLM_TARGET_DEVICE=cpu VLLM_CPU_KVCACHE_SPACE=1 VLLM_NO_USAGE_STATS=1 HF_HUB_OFFLINE=1';
  return (
    `${environment} exec ${join(folder, 'bin', 'vllm')} serve {model} --served-model-name {name} --host 127.0.0.1 --port {port} ` +
    `--dtype float32 --enforce-eager --max-model-len ${contextTokens} --tokenizer-mode hf --logprobs-mode ${logProbs}_logprobs`
  );
}
