"""A probe job: the probe alone, on rollouts that nothing is learnt from. It writes nothing."""

import math

import torch

from .checkpoint import load_config, load_model
from .data import read_training_set
from .loop import device_name, make_deterministic, place
from .probe import probe
from .ranks import Seat


@torch.no_grad()
def run_probe(job, events):
    """Emits the `probe` event; refuses as the probe does, and what a training with these options can't have.

    It computes in one process, with all weights.
    """
    options, device = job.options, place(job, Seat(size=job.options.gpus or 1))
    make_deterministic(options, device)
    config = load_config(job.model_directory)
    data = read_training_set(job.training_set_file, config["vocab_size"], config.get("max_position_embeddings", math.inf))
    model = load_model(job.model_directory, job.architecture)
    # In a training the optimizer moves the weights.
    for tensor in model.trainable().values():
        tensor.data = tensor.data.to(device)
    parameters = sum(tensor.numel() for tensor in model.trainable().values())
    events.emit("started", device=device_name(device), updates=0, parameters=parameters)
    events.emit("probe", **probe(model, data, options, device))
