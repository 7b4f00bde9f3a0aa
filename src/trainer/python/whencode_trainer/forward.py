"""One packed pass through the model: log-probs of the learnt tokens and of the decision's prefixes."""

from contextlib import nullcontext

import numpy as np
import torch

from .attention import Layout
from .losses import log_probs


def on(device, array):
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def autocast(device, precision):
    return torch.autocast(device.type, dtype=torch.bfloat16) if precision == "bf16" else nullcontext()


def hidden_states(model, packed, device):
    """[T, d] of the packed rows."""
    return model.hidden(on(device, packed.ids), on(device, packed.positions), Layout(packed, device))


def solution_log_probs(model, hidden, packed, temperature):
    """[M] log π of each learnt token, at the sampling temperature."""
    rows, targets = on(hidden.device, packed.rows), on(hidden.device, packed.targets)
    return log_probs(hidden.index_select(0, rows), model.head, targets, temperature)


def decision_log_probs(model, hidden, packed):
    """[D] log π of each prefix token over the whole vocabulary, at temperature 1."""
    rows, targets = on(hidden.device, packed.decision_rows), on(hidden.device, packed.decision_targets)
    return log_probs(hidden.index_select(0, rows), model.head, targets, 1.0)
