"""A fresh Llama-like model from a config, initialised from a seed: where the testbed's campaigns start."""

import torch

from . import decoder
from .checkpoint import copy_other_files, publish, write_weights
from .progress import Refusal


def create_model(job, events):
    """Normal(0, initializer_range) matrices, unit norms, zero biases; the tokenizer's files are copied."""
    config = job.config
    if not decoder.is_covered(config):
        raise Refusal(f"a model can be created for {', '.join(decoder.MODEL_TYPES)}, not for {config.get('model_type')!r}")
    generator = torch.Generator().manual_seed(job.seed)
    spread = config.get("initializer_range", 0.02)
    weights = {}
    for name in decoder.expected_names(config):
        shape = weight_shape(config, name)
        if name.endswith("norm.weight"):
            weights[name] = torch.ones(shape)
        elif name.endswith("bias"):
            weights[name] = torch.zeros(shape)
        else:
            weights[name] = torch.empty(shape).normal_(0, spread, generator=generator)

    def write(folder):
        copy_other_files(job.tokenizerDirectory, folder)
        write_weights(folder, config, weights)

    publish(job.outputDirectory, write)
    events.emit("created", parameters=sum(tensor.numel() for tensor in weights.values()))


def weight_shape(config, name):
    width, inner, size = config["hidden_size"], config["intermediate_size"], decoder.head_size(config)
    heads = config["num_attention_heads"] * size
    key_heads = (config.get("num_key_value_heads") or config["num_attention_heads"]) * size
    out, into = {
        "embed_tokens": (config["vocab_size"], width), "lm_head": (config["vocab_size"], width),
        "q_proj": (heads, width), "k_proj": (key_heads, width), "v_proj": (key_heads, width),
        "o_proj": (width, heads), "gate_proj": (inner, width), "up_proj": (inner, width), "down_proj": (width, inner),
    }.get(name.split(".")[-2], (width, 0))  # fmt: skip
    return (out,) if name.endswith(("bias", "norm.weight")) else (out, into)
