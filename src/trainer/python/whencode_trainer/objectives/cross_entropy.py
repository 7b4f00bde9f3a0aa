"""Cross-entropy of what the model is to write."""

import numpy as np

from ..forward import solution_log_probs
from .token_loss import TokenLoss


class Loss(TokenLoss):
    @staticmethod
    def learns(data):
        return np.ones(data.sequence_count, bool)

    def weigh(self, passes):
        sequences, sizes = self.take(passes)
        self.hand_out(self.aggregation.weights(sequences, np.ones(len(sequences), bool))[None], sizes)
        self.learnt_tokens = len(sequences)
        return len(sequences)

    def of_pass(self, at, packed, hidden):
        (weight,) = self.lines_of(at)
        loss = -(weight * solution_log_probs(self.model, hidden, packed, 1.0)).sum()
        return loss, loss.detach()[None]

    def metrics(self, sums):
        return {"nll": sums[0]} if self.learnt_tokens else {}
