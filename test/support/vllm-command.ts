import { join } from 'node:path';

/**
 * Serves on the CPU in fp32, from the folder that test/bench/served/install-vllm.mjs made. With a seed, a prompt that is
 * computed in pieces would end vLLM 0.32 on a CPU (`CPU Generator does not use offset`): hence none is.
 */
export function vllmCommand(folder: string, logProbs: 'processed' | 'raw', contextTokens = 512): string {
  const environment =
    'VLLM_SERVER_DEV_MODE=1 VLLM_TARGET_DEVICE=cpu VLLM_CPU_KVCACHE_SPACE=1 VLLM_NO_USAGE_STATS=1 HF_HUB_OFFLINE=1';
  return (
    `${environment} exec ${join(folder, 'bin', 'vllm')} serve {model} --served-model-name {name} --host 127.0.0.1 --port {port} ` +
    `--dtype float32 --enforce-eager --no-enable-chunked-prefill --max-model-len ${contextTokens} --tokenizer-mode hf --logprobs-mode ${logProbs}_logprobs`
  );
}
