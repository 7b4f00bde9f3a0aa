"""Direct preference optimisation (Rafailov and others, arXiv 2305.18290), as TRL's `sigmoid` loss has it.

Of the set's columns it reads `pairs` [P, 2], int32: the numbers of two sequences of one query, the right one first. A
sequence may be in several pairs. For a pair with the log-ratios r = Σ log π − log π_ref, summed over the tokens of a
sequence whose `lossMask` is 1 (so neither prompt nor tool output nor, unless its mask is 1, the prefix):

    loss = −log σ(β (r_right − r_wrong)), the mean over the pairs of an update

π_ref is the policy that sampled: its log-probs are the column `behaviourLogProbs`, after the sampling temperature, at
which π is taken too. With `ratio.mode: decoupled` it is the trainer's own policy at the start, and the column is not read:
so tokens that nobody sampled, like a forced prefix, can be compared too. Advantages are ignored, as is a sequence without
a pair.
"""

import numpy as np
import torch

from ..forward import measure, on, solution_log_probs
from .token_loss import TokenLoss


class Loss(TokenLoss):
    """The gradient of a pair is β σ(−β margin) times that of its sequences' log-probs, with their signs.

    The margins come from a pass without a gradient, so that the two sequences of a pair need not be in memory together,
    and a sequence of many pairs is computed once.
    """

    def __init__(self, model, data, options, device, start, group):
        super().__init__(model, data, options, device, start, group)
        self.reference = torch.from_numpy(start.log_probs).to(device)

    @staticmethod
    def learns(data):
        learnt = np.zeros(data.sequence_count, bool)
        learnt[data.pairs.reshape(-1)] = True
        return learnt

    def weigh(self, passes):
        sequences, sizes = self.take(passes)
        present = np.zeros(self.data.sequence_count, bool)
        present[sequences] = True
        pairs = self.data.pairs[present[self.data.pairs[:, 0]]]
        log_ratios = self._log_ratios(passes)
        beta = self.options.preference_beta
        rewards = beta * log_ratios[pairs]
        margins = rewards[:, 0] - rewards[:, 1]
        # Both without overflow: −log σ(m) and σ(−m).
        losses = np.logaddexp(0, -margins)
        pull = beta * np.exp(-np.logaddexp(0, margins)) / max(1, len(pairs))
        weights = np.zeros(self.data.sequence_count)
        np.add.at(weights, pairs[:, 0], pull)
        np.add.at(weights, pairs[:, 1], -pull)
        self.hand_out(weights[sequences].astype(np.float32)[None], sizes)
        self.learnt_tokens = int(np.count_nonzero(self.learns(self.data)[sequences]))
        self.measured = {} if not len(pairs) else {
            "loss": float(losses.mean()),
            "preference_loss": float(losses.mean()),
            "preference_accuracy": float((margins > 0).mean()),
            "reward_margin": float(margins.mean()),
            "reward_right": float(rewards[:, 0].mean()),
            "reward_wrong": float(rewards[:, 1].mean()),
        }  # fmt: skip
        return len(sequences)

    def _log_ratios(self, passes):
        """[S] log π − log π_ref of each sequence of the passes."""
        sums = torch.zeros(self.data.sequence_count, dtype=torch.float64, device=self.device)
        for packed, log_prob in measure(self.model, self.data, passes, self.options, self.device, self.group):
            difference = log_prob.double() - self.reference[on(self.device, packed.tokens)]
            sums.index_add_(0, on(self.device, packed.sequences), difference)
        return self.group.sum(sums).cpu().numpy()

    def of_pass(self, at, packed, hidden):
        (weight,) = self.lines_of(at)
        loss = -(weight * solution_log_probs(self.model, hidden, packed, self.options.temperature)).sum()
        return loss, loss.detach()[None]

    def metrics(self, sums):
        return self.measured
