"""The training run: plan, probe, updates, publish."""

import math
import os
import time
from dataclasses import replace

import torch

from .batches import epochs_of, plan_updates
from .checkpoint import load_adapted_model, load_config, load_model, load_sharded_model, publish, write_model
from .data import read_training_set
from .eight_bit import check_eight_bit
from .group import connect
from .learner import Learner
from .lora import check_lora, initialise
from .offload import move_narrow
from .optim import Optimizer
from .pass_tokens import choose_pass_tokens
from .probe import probe
from .progress import Failure, Refusal
from .ranks import Seat
from .resume import Saver, resume
from .start import read_start, reference_log_probs


def train(job, events, seat=Seat()):
    """Runs the job to its end; raises Refusal or Failure with nothing published.

    With several seats each process calls it. What decides the course of the run is the same number in all of them.
    """
    options, device = job.options, place(job, seat)
    make_deterministic(options, device, seat.size)
    config = load_config(job.model_directory)
    context = config.get("max_position_embeddings", math.inf)
    data = read_training_set(job.training_set_file, config["vocab_size"], context)
    updates = plan_updates(data, options)
    if not updates:
        raise Refusal("there is nothing to learn: no sequence, and no decision target with a weight above 0")
    group = connect(seat, device)
    options = replace(options, micro_batch_tokens=choose_pass_tokens(job, group))
    # Before the model, so that both are never in memory.
    reference = None if job.reference_directory is None else reference_log_probs(job, data, options, device)
    model, optimizer = _load(job, len(updates), group)
    model.checkpointing = options.gradient_checkpointing
    described = {"parameters": optimizer.parameters, "microBatchTokens": options.micro_batch_tokens}
    events.emit("started", device=device_name(device), updates=len(updates), **described)
    if options.has_probe and data.sequence_count:
        events.emit("probe", **probe(model, data, options, device, group.size == 1 and options.lora is None and not options.offload))
    start = replace(read_start(model, data, options, device, group), reference=reference)
    learner = Learner(model, optimizer, data, options, device, start, group)
    # After the probe and the start, which need the weights that sampled.
    done, series = resume(job.resume_from, optimizer, len(updates), learner.balance, group)
    if done:
        events.emit("resumed", update=done, of=len(updates))
    saver = Saver(job.save, optimizer, len(updates), job.resume_from, learner.balance, options.micro_batch_tokens, group)
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
    saver.finish()
    if not optimizer.is_finite():
        raise Failure("the last update left weights that are not finite; nothing was written")
    write = lambda folder: write_model(folder, job.model_directory, config, model, optimizer.weights(), options.lora, group)  # noqa: E731
    publish(job.output_directory, write, group)
    # A state of an earlier version has no series; then the run has none either.
    whole = {"series": series} if len(series) == made else {}
    events.emit("done", updates=made, metrics=measured, **whole)
    group.close()


def _load(job, updates, group):
    """The model and its optimizer."""
    options, source = job.options, (job.model_directory, job.architecture)
    if group.size == 1:
        model = load_model(*source) if options.lora is None else load_adapted_model(*source, options, group.device)
        optimizer = Optimizer(model, options.optimizer, updates, group.device, bool(options.offload))
        if options.offload:
            move_narrow(model, group.device, options.precision)
        return model, optimizer
    from .shards import ShardedOptimizer

    model = load_sharded_model(*source, group, options)
    initialise(model, options.seed, group.device)
    return model, ShardedOptimizer(model, options.optimizer, updates, group)


def place(job, seat):
    """The device of the seat's process. Raises Refusal for what machine or model can't have."""
    if seat.size > 1 and job.architecture is None:
        raise Refusal("this model's family is computed by transformers, which trains in one process only; set gpus to 1")
    if job.options.offload and job.architecture is None:
        raise Refusal("this model's family is computed by transformers, which keeps all on the device; leave out offload")
    if job.options.optimizer.name == "adamw-8bit":
        check_eight_bit()
    if job.options.lora is not None:
        check_lora(job.options.lora, job.architecture)
    if job.device == "cpu":
        return torch.device("cpu")
    found = torch.cuda.device_count()
    if seat.size == 1 and job.device == "cuda" and found == 0:
        raise Refusal("the job wants a GPU, PyTorch finds none")
    if 1 < seat.size > found:
        raise Refusal(f"the job wants {seat.size} of gpus, PyTorch finds {found}; set train.gpus to what is there")
    if found == 0:
        return torch.device("cpu")
    torch.cuda.set_device(seat.rank)
    return torch.device("cuda", seat.rank)


def device_name(device):
    return torch.cuda.get_device_name(device) if device.type == "cuda" else f"cpu ({torch.get_num_threads()} threads)"


def make_deterministic(options, device, processes=1):
    """Makes the run bitwise reproducible on one machine with one number of threads and of processes."""
    if options.threads is not None or processes > 1:
        torch.set_num_threads(options.threads or max(1, (os.cpu_count() or 1) // processes))
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.manual_seed(options.seed)
    # Equals use_deterministic_algorithms(True) without importing the compiler (2 s).
    torch.set_deterministic_debug_mode("error")
    torch.utils.deterministic.fill_uninitialized_memory = False
