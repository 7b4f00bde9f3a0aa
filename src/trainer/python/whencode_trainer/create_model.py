"""Creates a Llama-like model from a config and a seed, from which the testbed's campaigns start."""

import torch

from .checkpoint import copy_other_files, publish, write_weights


def create_model(job, events):
    """Normal(0, initializer_range) matrices, unit norms, zero biases; the tokenizer's files are copied."""
    config, tensors = job.config, job.architecture.tensors
    generator = torch.Generator().manual_seed(job.seed)
    spread = config.get("initializer_range", 0.02)
    weights = {}
    for name, shape in tensors.items():
        if name.endswith("norm.weight"):
            weights[name] = torch.ones(shape)
        elif name.endswith("bias"):
            weights[name] = torch.zeros(shape)
        else:
            weights[name] = torch.empty(shape).normal_(0, spread, generator=generator)

    def write(folder):
        copy_other_files(job.tokenizer_directory, folder)
        write_weights(folder, config, weights)

    publish(job.output_directory, write)
    events.emit("created", parameters=sum(tensor.numel() for tensor in weights.values()))
