"""Writes a Hugging Face folder (config, fp32 safetensors, tokenizer) from a Llama GGUF file.

python -m whencode_trainer.import_gguf FILE.gguf OUT_DIR

transformers reads the quantised weights; a fresh model without the quantisation entry is saved, so that any loader of
plain Llama checkpoints accepts the folder. It is written next to OUT_DIR and renamed at the end.
"""

import shutil
import sys
from pathlib import Path


def import_gguf(source: Path, target: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    loaded = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32)
    entries = loaded.config.to_dict()
    for name in ("quantization_config", "_name_or_path", "architectures"):
        entries.pop(name, None)
    model = LlamaForCausalLM(LlamaConfig(**entries)).to(torch.float32)
    model.load_state_dict(loaded.state_dict())
    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)

    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    partial.rename(target)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m whencode_trainer.import_gguf FILE.gguf OUT_DIR")
    import_gguf(Path(sys.argv[1]), Path(sys.argv[2]))
