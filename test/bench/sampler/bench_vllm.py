"""bench_vllm.py MODEL DTYPE PROMPT_TOKENS NEW_TOKENS BATCH...: a line of JSON a batch."""

import json
import sys
import time

from vllm import LLM, SamplingParams

if __name__ == "__main__":
    model, dtype, prompt_tokens, new_tokens, *batches = sys.argv[1:]
    llm = LLM(model, dtype=dtype, max_model_len=2048, enforce_eager=True, seed=0,
              # A prompt that is prefilled in pieces makes vLLM 0.32 ask a CPU generator for what it lacks.
              enable_chunked_prefill=False, disable_log_stats=True)
    prompt = {"prompt_token_ids": [1000 + i * 37 % 40_000 for i in range(int(prompt_tokens))]}

    def seconds(batch, count):
        params = SamplingParams(n=batch, temperature=1.0, max_tokens=count, ignore_eos=True, logprobs=0)
        llm.reset_prefix_cache()
        started = time.perf_counter()
        llm.generate([prompt], params, use_tqdm=False)
        return time.perf_counter() - started

    for batch in map(int, batches):
        # So that memory which is taken once is in neither of the times that are compared.
        seconds(batch, 2)
        first = seconds(batch, 1)
        whole = seconds(batch, int(new_tokens))
        print(json.dumps(dict(batch=batch, tokensPerSecond=batch * (int(new_tokens) - 1) / (whole - first),
                              firstTokenMs=first * 1000)), flush=True)
