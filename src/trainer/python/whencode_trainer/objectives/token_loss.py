"""What the losses of rollouts have in common. Each counts the tokens of an update, then computes it pass by pass."""

import numpy as np
import torch

from ..aggregate import Aggregation
from ..batches import learnt_of
from ..forward import on


class TokenLoss:
    """Losses of the passes of one update after another; `weigh` comes first for each update.

    After it `tokens` [M] are the places in the set's flat arrays of the update's tokens, and `learnt_tokens` the number of
    those that have a gradient of their own.
    """

    def __init__(self, model, data, options, device, start, group):
        self.model, self.data, self.options, self.device, self.start, self.group = model, data, options, device, start, group
        self.aggregation = Aggregation(options.aggregation, data)

    @staticmethod
    def learns(data):
        """Which sequences of the set are learnt from, [S] of bool."""
        raise NotImplementedError

    def weigh(self, passes):
        """Fixes the tokens' weights in the update that consists of these passes. Returns the number of tokens."""
        raise NotImplementedError

    def of_pass(self, at, packed, hidden):
        """The loss of pass number `at`, and its sums for `metrics`; `at` is None for a spare pass."""
        raise NotImplementedError

    def metrics(self, sums):
        """The update's metrics, from the sums of its passes."""
        raise NotImplementedError

    def take(self, passes):
        """Sets `tokens`; returns their sequences, [M], and the number of tokens of each pass."""
        parts = [learnt_of(self.data, one_pass) for one_pass in passes]
        self.tokens, sequences = map(np.concatenate, zip(*parts)) if parts else [np.zeros(0, np.int64)] * 2
        return sequences, [len(tokens) for tokens, _ in parts]

    def hand_out(self, lines, sizes):
        """Keeps the lines [n, M] of numbers of each token, cut into those of the passes."""
        self.lines = [on(self.device, part) for part in np.split(lines, np.cumsum(sizes)[:-1], axis=1)]

    def lines_of(self, at):
        return torch.zeros(len(self.lines[0]), 1, device=self.device) if at is None else self.lines[at]
