"""One packed pass through the model: log-probs of the learnt tokens and of the decision's prefixes."""

from contextlib import nullcontext

import numpy as np
import torch

from .attention import Layout
from .batches import pack, spare_pass
from .losses import log_probs


def on(device, array):
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def autocast(device, precision):
    return torch.autocast(device.type, dtype=torch.bfloat16) if precision == "bf16" else nullcontext()


def hidden_states(model, packed, device):
    """[R, d] of the rows that predict a token."""
    ids, positions, needed = (on(device, array) for array in (packed.ids, packed.positions, packed.needed))
    return model(ids, positions, Layout(packed, device), needed)


def solution_log_probs(model, hidden, packed, temperature):
    """[M] log π of each learnt token, at the sampling temperature."""
    rows, targets, pairs = (on(hidden.device, array) for array in (packed.rows, packed.targets, packed.pairs))
    return log_probs(hidden.index_select(0, rows), model.head, targets, temperature).index_select(0, pairs)


def measure(model, data, passes, options, device, group):
    """Yields each pass of this process, packed, with its `solution_log_probs`, without a gradient."""
    for at in group.deal([one_pass.tokens for one_pass in passes]):
        packed = spare_pass() if at is None else pack(data, passes[at])
        with torch.no_grad(), autocast(device, options.precision):
            log_probs = solution_log_probs(model, hidden_states(model, packed, device), packed, options.temperature)
        if at is not None:
            yield packed, log_probs


def decision_log_probs(model, hidden, packed):
    """[D] log π of each prefix token over the whole vocabulary, at temperature 1."""
    rows, targets = on(hidden.device, packed.decision_rows), on(hidden.device, packed.decision_targets)
    return log_probs(hidden.index_select(0, rows), model.head, targets, 1.0)
