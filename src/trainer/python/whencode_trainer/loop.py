"""The training run: plan, probe, updates, publish."""

import math
import os
import time

import torch

from .batches import epochs_of, plan_updates
from .checkpoint import load_config, load_model, publish, write_model
from .data import read_training_set
from .learner import Learner
from .optim import Optimizer
from .probe import probe
from .progress import Failure, Refusal
from .resume import Saver, resume
from .start import read_start


def train(job, events):
    """Runs the job to its end; raises Refusal or Failure with nothing published."""
    options, device = job.options, choose_device(job.device)
    make_deterministic(options, device)
    config = load_config(job.model_directory)
    context = config.get("max_position_embeddings", math.inf)
    data = read_training_set(job.training_set_file, config["vocab_size"], context)
    updates = plan_updates(data, options)
    if not updates:
        raise Refusal("there is nothing to learn: no sequence, and no decision target with a weight above 0")
    model = load_model(job.model_directory, job.architecture)
    model.checkpointing = options.gradient_checkpointing
    optimizer = Optimizer(model, options.optimizer, len(updates), device)
    events.emit("started", device=device_name(device), updates=len(updates), parameters=optimizer.parameters)
    if options.is_policy_gradient and data.sequence_count:
        events.emit("probe", **probe(model, data, options, device))
    learner = Learner(model, optimizer, data, options, device, read_start(model, data, options, device))
    # After the probe and the start, which need the weights that sampled.
    done, series = resume(job.resume_from, optimizer, len(updates), learner.balance)
    if done:
        events.emit("resumed", update=done, of=len(updates))
    saver = Saver(job.save, optimizer, len(updates), job.resume_from, learner.balance)
    epochs, made = epochs_of(updates), done
    measured = series[-1]["metrics"] if series else {}
    for number, update in enumerate(updates[done:], start=done):
        began = time.monotonic()
        metrics, tokens = learner.accumulate(update)
        norm = float(optimizer.gradient_norm())
        loss = metrics.pop("loss")
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise Failure(f"update {number + 1} of {len(updates)}: loss {loss}, gradient norm {norm}; nothing was written")
        # The first update is always made: its divergence is that of the sampler.
        if number > 0 and options.target_kl is not None and metrics.get("approx_kl", 0) > options.target_kl:
            events.emit("stopped", update=number, of=len(updates), approxKl=metrics["approx_kl"])
            break
        optimizer.step(number, norm)
        made, metrics["grad_norm"] = number + 1, norm
        pace = {"tokens_per_second": round(tokens / max(time.monotonic() - began, 1e-9))}
        measured = {"loss": loss} | metrics
        series.append({"update": number + 1, "epoch": epochs[number], **learner.learnt, "metrics": measured})
        saver.offer(number + 1, series)
        events.emit("update", update=number + 1, of=len(updates), loss=loss, metrics=metrics | pace)
    if not optimizer.is_finite():
        raise Failure("the last update left weights that are not finite; nothing was written")
    publish(job.output_directory, lambda folder: write_model(folder, job.model_directory, config, model))
    # A state of an earlier version has no series; then the run has none either.
    whole = {"series": series} if len(series) == made else {}
    events.emit("done", updates=made, metrics=measured, **whole)


def choose_device(wanted):
    if wanted == "cuda" and not torch.cuda.is_available():
        raise Refusal("the job wants a GPU, PyTorch finds none")
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def device_name(device):
    return torch.cuda.get_device_name(device) if device.type == "cuda" else f"cpu ({torch.get_num_threads()} threads)"


def make_deterministic(options, device):
    """Makes the run bitwise reproducible on one machine with one number of threads."""
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.manual_seed(options.seed)
    # Equals use_deterministic_algorithms(True) without importing the compiler (2 s).
    torch.set_deterministic_debug_mode("error")
    torch.utils.deterministic.fill_uninitialized_memory = False
