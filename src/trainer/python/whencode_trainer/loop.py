"""The training run: plan, probe, updates, publish."""

import math
import os
import time

import numpy as np
import torch

from . import losses
from .batches import epochs_of, group_by_query, pack, plan_passes, plan_updates
from .checkpoint import load_config, load_model, publish, write_model
from .data import read_training_set
from .forward import Arrays, autocast, decision_log_probs, hidden_states, on, solution_log_probs
from .optim import Optimizer
from .probe import probe
from .progress import Failure, Refusal
from .resume import Saver, resume


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
    if options.objective == "policy-gradient" and data.sequence_count:
        events.emit("probe", **probe(model, data, options, device))
    # After the probe, which needs the weights that sampled.
    done, series = resume(job.resume_from, optimizer, len(updates))
    if done:
        events.emit("resumed", update=done, of=len(updates))
    learner = Learner(model, data, options, device)
    saver = Saver(job.save, optimizer, len(updates), job.resume_from)
    epochs = epochs_of(updates)
    for number, update in enumerate(updates[done:], start=done):
        began = time.monotonic()
        optimizer.clear()
        metrics, tokens = learner.accumulate(update)
        norm = float(optimizer.gradient_norm())
        loss = metrics.pop("loss")
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise Failure(f"update {number + 1} of {len(updates)}: loss {loss}, gradient norm {norm}; nothing was written")
        optimizer.step(number, norm)
        metrics["grad_norm"] = norm
        pace = {"tokens_per_second": round(tokens / max(time.monotonic() - began, 1e-9))}
        measured = {"loss": loss} | metrics
        series.append({"update": number + 1, "epoch": epochs[number], **learner.learnt, "metrics": measured})
        saver.offer(number + 1, series)
        events.emit("update", update=number + 1, of=len(updates), loss=loss, metrics=metrics | pace)
    if not optimizer.is_finite():
        raise Failure("the last update left weights that are not finite; nothing was written")
    publish(job.output_directory, lambda folder: write_model(folder, job.model_directory, config, model))
    # A state of an earlier version has no series; then the run has none either.
    whole = {"series": series} if len(series) == len(updates) else {}
    events.emit("done", updates=len(updates), metrics=measured, **whole)


class Learner:
    """Gradients of one update, accumulated over its passes."""

    def __init__(self, model, data, options, device):
        self.model, self.data, self.options, self.device = model, data, options, device
        self.arrays, self.by_query = Arrays(data, device), group_by_query(data)
        self.with_decisions = options.decision_weight > 0
        # Token and decision counts of the last accumulated update.
        self.learnt = {"tokens": 0, "decisions": 0}

    def accumulate(self, update):
        """Adds the gradient of the update's loss; returns its metrics and its token count.

        Each part is divided by its own count over the whole update, so the result does not depend on the pass size.
        """
        passes = plan_passes(self.data, update, self.by_query, self.options.micro_batch_tokens, self.with_decisions)
        packed = [pack(self.data, one_pass) for one_pass in passes]
        solutions = sum(len(part.rows) for part in packed)
        decisions = sum(len(one_pass.decisions) for one_pass in passes)
        self.learnt = {"tokens": solutions, "decisions": decisions}
        totals = torch.zeros(7, device=self.device)
        for part, one_pass in zip(packed, passes, strict=True):
            with autocast(self.device, self.options.precision):
                loss, sums = self._pass_loss(part, solutions, decisions)
            loss.backward()
            totals += torch.cat([loss.detach()[None], sums])
        return self._metrics(totals.tolist(), solutions, decisions), sum(one_pass.tokens for one_pass in passes)

    def _pass_loss(self, packed, solutions, decisions):
        options, sums = self.options, []
        hidden = hidden_states(self.model, packed, self.device)
        loss = torch.zeros((), device=self.device)
        part_sums = torch.zeros(4, device=self.device)
        if len(packed.rows):
            log_prob = solution_log_probs(self.model, hidden, packed, self._temperature())
            if options.objective == "policy-gradient":
                behaviour = self.arrays.behaviour[on(self.device, packed.tokens)]
                advantage = self.arrays.advantages[on(self.device, packed.sequences)]
                gain, ratio = losses.clipped_objective(log_prob, behaviour, advantage, options.clip)
                with torch.no_grad():
                    part_sums = torch.cat(
                        [gain.sum()[None], losses.ratio_sums(log_prob, behaviour, advantage, ratio, options.clip)]
                    )
            else:
                gain = log_prob
                part_sums[0] = gain.detach().sum()
            loss = loss - gain.sum() / solutions
        sums.append(part_sums)
        decision_sums = torch.zeros(2, device=self.device)
        if len(packed.decision_rows):
            log_prob = decision_log_probs(self.model, hidden, packed)
            arms, (names, queries) = packed.decision_arms, np.unique(packed.decision_queries, return_inverse=True)
            arms_on, queries_on = on(self.device, arms), on(self.device, queries)
            targets = self.arrays.targets[on(self.device, packed.decision_queries)]
            decision = losses.decision_loss(log_prob, targets, arms_on)
            loss = loss + options.decision_weight * decision / decisions
            with torch.no_grad():
                decision_sums = losses.decision_sums(log_prob, queries_on, arms_on, len(names))
        return loss, torch.cat([*sums, decision_sums])

    def _temperature(self):
        return self.options.temperature if self.options.objective == "policy-gradient" else 1.0

    def _metrics(self, totals, solutions, decisions):
        loss, gain, ratio, clipped, divergence, code, entropy = totals
        metrics = {"loss": loss}
        if solutions and self.options.objective == "policy-gradient":
            metrics |= {"policy_loss": -gain / solutions, "ratio_mean": ratio / solutions}
            metrics |= {"clip_frac": clipped / solutions, "approx_kl": divergence / solutions}
        elif solutions:
            metrics["nll"] = -gain / solutions
        if decisions:
            main = metrics.get("policy_loss", metrics.get("nll", 0.0))
            metrics["decision_loss"] = (loss - main) / self.options.decision_weight
            metrics |= {"code_prob": code / decisions, "decision_entropy": entropy / decisions}
        return metrics


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
