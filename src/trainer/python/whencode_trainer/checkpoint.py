"""Reads Hugging Face folders, and writes them atomically."""

import json
import os
import shutil
from pathlib import Path

import torch

from . import decoder
from .progress import Refusal

# Soft-capped or scaled logits would make log-probabilities differ from the sampler's.
_LOGIT_CHANGES = ("final_logit_softcapping", "logits_scaling", "logit_scale")


def load_config(directory):
    path = Path(directory) / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(f"not a checkpoint folder: {error}", directory=str(directory)) from error
    changed = [name for name in _LOGIT_CHANGES if config.get(name) not in (None, 1, 1.0)]
    if changed:
        raise Refusal(f"the model changes its logits by {changed[0]}, which the trainer does not cover")
    return config


def load_model(directory, architecture):
    """fp32 master weights on the CPU; the optimizer moves them. Without an architecture transformers computes the
    model.
    """
    if architecture is None:
        from .transformers_model import TransformersModel

        return TransformersModel(directory)
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    weights = {}
    for file, names in architecture.files.items():
        try:
            loaded = load_file(Path(directory) / file)
        except (SafetensorError, OSError) as error:
            raise Refusal(f"{file} can't be read: {error}; was it cut short while copying?") from error
        wanted = set(names)
        weights |= {name: tensor.to(torch.float32) for name, tensor in loaded.items() if name in wanted}
    return decoder.Decoder(architecture, weights)


def publish(output_directory, write):
    """Calls `write(folder)` with a temporary folder, flushes it to disk and renames it."""
    output = Path(output_directory)
    temporary = output.with_name(f".{output.name}.partial-{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        write(temporary)
        for file in temporary.iterdir():
            with open(file, "rb") as handle:
                os.fsync(handle.fileno())
        temporary.rename(output)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_model(folder, source, config, model):
    """Writes fp32 weights (bf16 would round the small updates of one iteration away) and copies the other files."""
    copy_other_files(source, folder)
    if isinstance(model, decoder.Decoder):
        # vLLM would ignore a stored head if the configuration ties it.
        written = config if model.architecture.tied_head else config | {"tie_word_embeddings": False}
        write_weights(folder, written, dict(model.named_parameters()))
    else:
        model.module.save_pretrained(folder)


def write_weights(folder, config, weights):
    from safetensors.torch import save_file

    tensors = {name: tensor.detach().to("cpu").contiguous() for name, tensor in sorted(weights.items())}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    written = {key: value for key, value in config.items() if key != "torch_dtype"} | {"dtype": "float32"}
    (folder / "config.json").write_text(json.dumps(written, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def copy_other_files(source, folder):
    """Copies tokenizer, chat template and generation settings: all files but weights and config."""
    for file in sorted(Path(source).iterdir()):
        is_weights = file.suffix in (".safetensors", ".bin", ".onnx", ".pt", ".pth") or file.name.endswith(".index.json")
        is_left_out = is_weights or file.name in ("config.json", "adapter_config.json") or file.name.startswith(".")
        if file.is_file() and not is_left_out:
            shutil.copyfile(file, folder / file.name)
