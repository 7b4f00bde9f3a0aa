"""A probe job: the probe alone, on rollouts that nothing is learnt from. It writes nothing."""

import math

import torch

from .checkpoint import load_config, load_model
from .data import read_training_set
from .lora import check_lora
from .loop import choose_device, device_name, make_deterministic
from .probe import probe


@torch.no_grad()
def run_probe(job, events):
    """Emits the `probe` event; refuses as the probe does."""
    options, device = job.options, choose_device(job.device)
    make_deterministic(options, device)
    config = load_config(job.model_directory)
    data = read_training_set(job.training_set_file, config["vocab_size"], config.get("max_position_embeddings", math.inf))
    if options.lora is not None:
        check_lora(options.lora, job.architecture)
    model = load_model(job.model_directory, job.architecture)
    # In a training the optimizer moves the weights.
    for tensor in model.trainable().values():
        tensor.data = tensor.data.to(device)
    parameters = sum(tensor.numel() for tensor in model.trainable().values())
    events.emit("started", device=device_name(device), updates=0, parameters=parameters)
    events.emit("probe", **probe(model, data, options, device))
