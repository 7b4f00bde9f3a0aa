"""The policy at the start of the run, which importance ratios and the KL anchor are relative to."""

from dataclasses import dataclass

import numpy as np
import torch

from .batches import group_by_query, plan_passes
from .checkpoint import load_model
from .forward import measure
from .group import Group
from .losses import LARGEST_LOG_RATIO


@dataclass(frozen=True)
class Start:
    """log_probs: [T] along the set's ids. In mode `direct` those of the sampler, and nothing else is known.

    reference: [T] log-probs under the model that the KL anchor holds to; absent: log_probs.
    In mode `decoupled` weights: [T] of each token, mismatch: [T] its k3 estimate of KL(sampler || start), rejected: [S].
    """

    log_probs: np.ndarray
    rejected: np.ndarray
    weights: np.ndarray | None = None
    mismatch: np.ndarray | None = None
    reference: np.ndarray | None = None


def direct_start(data):
    return Start(data.behaviour_log_probs, np.zeros(data.sequence_count, bool))


def read_start(model, data, options, device, group=Group()):
    """The start of a run with these options; the model has the weights that sampled."""
    if options.ratio is None or options.ratio.mode == "direct":
        return direct_start(data)
    return decoupled_start(data, _log_probs(model, data, options, device, group), options.ratio)


def reference_log_probs(job, data, options, device):
    """log π [T] of the rollouts under the job's reference model, whose weights are gone when this returns."""
    model = load_model(job.reference_directory, job.architecture)
    for tensor in model.trainable().values():
        tensor.data = tensor.data.to(device)
    return _log_probs(model, data, options, device, Group())


def decoupled_start(data, log_probs, ratio):
    """`log_probs` [T] are the trainer's own; they count where the loss mask is 1."""
    learnt = data.loss_mask == 1
    log_ratio = np.where(learnt, log_probs - data.behaviour_log_probs, 0)
    log_ratio = log_ratio.clip(-LARGEST_LOG_RATIO, LARGEST_LOG_RATIO).astype(np.float64)
    weights = np.ones_like(log_ratio) if ratio.truncate is None else np.minimum(np.exp(log_ratio), ratio.truncate)
    rejected = np.zeros(data.sequence_count, bool)
    if ratio.reject is not None:
        starts = data.offsets[:-1]
        means = np.exp(np.add.reduceat(log_ratio, starts) / np.add.reduceat(learnt.astype(np.int64), starts))
        low, high = ratio.reject.geometric_mean
        rejected = (means < low) | (means > high)
    mismatch = np.exp(log_ratio) - 1 - log_ratio
    return Start(log_probs, rejected, weights.astype(np.float32), mismatch)


def _log_probs(model, data, options, device, group):
    found = np.zeros(len(data.ids), np.float32)
    passes = plan_passes(data, range(data.query_count), group_by_query(data), options.micro_batch_tokens, group.size)
    for packed, log_probs in measure(model, data, passes, options, device, group):
        found[packed.tokens] = log_probs.cpu().numpy()
    return group.sum(torch.from_numpy(found).to(device)).cpu().numpy() if group.size > 1 else found
