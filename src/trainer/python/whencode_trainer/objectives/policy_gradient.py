"""The clipped policy gradient of rollouts with its KL anchor."""

import numpy as np
import torch

from .. import losses
from ..forward import on, solution_log_probs
from .token_loss import TokenLoss


class Loss(TokenLoss):
    def __init__(self, model, data, options, device, start, group):
        super().__init__(model, data, options, device, start, group)
        self.advantages = data.advantages
        self.start_log_probs = torch.from_numpy(start.log_probs).to(device)
        self.reference = None if start.reference is None else torch.from_numpy(start.reference).to(device)
        self.corrections = None if start.weights is None else torch.from_numpy(start.weights).to(device)
        self.anchor = options.kl_weight or 0
        clip = options.clip if isinstance(options.clip, (list, tuple)) else (options.clip, options.clip)
        self.clip = {"clip": clip}
        if options.ratio is not None:
            self.clip |= {"objective": options.ratio.objective, "dual_clip": options.ratio.dual_clip}

    @staticmethod
    def learns(data):
        return data.advantages != 0

    def weigh(self, passes):
        sequences, sizes = self.take(passes)
        self.valid = ~self.start.rejected[sequences]
        learnt = self.valid & (self.advantages[sequences] != 0)
        # Per token: weight of the gain, weight of the anchor, whether it is valid, its advantage.
        lines = np.stack([
            self.aggregation.weights(sequences, learnt),
            self.anchor * self.aggregation.weights(sequences, self.valid),
            self.valid,
            self.advantages[sequences],
        ]).astype(np.float32)  # fmt: skip
        self.hand_out(lines, sizes)
        self.learnt_tokens = int(np.count_nonzero(learnt))
        return int(np.count_nonzero(self.valid))

    def of_pass(self, at, packed, hidden):
        weight, anchor, valid, advantage = self.lines_of(at)
        log_prob = solution_log_probs(self.model, hidden, packed, self.options.temperature)
        tokens = on(self.device, packed.tokens)
        if self.corrections is not None:
            weight, anchor = weight * self.corrections[tokens], anchor * self.corrections[tokens]
        log_ratio = losses.log_ratio(log_prob, self.start_log_probs[tokens])
        ratio = log_ratio.exp()
        policy_loss = -(weight * losses.surrogate(ratio, advantage, **self.clip)).sum()
        loss = policy_loss
        if self.anchor:
            moved = log_ratio if self.reference is None else losses.log_ratio(log_prob, self.reference[tokens])
            loss = loss + (anchor * losses.anchor(moved)).sum()
        with torch.no_grad():
            stopped = valid * losses.is_stopped(ratio, advantage, **self.clip)
            each = torch.stack([stopped, valid * ratio, valid * ratio.square(), valid * losses.k3(log_ratio)])
            return loss, torch.cat([policy_loss[None], each.sum(dim=1)])

    def metrics(self, sums):
        learnt, valid = self.learnt_tokens, np.count_nonzero(self.valid)
        policy_loss, stopped, ratio, squared, divergence = sums
        metrics = {"policy_loss": policy_loss, "clip_frac": stopped / learnt} if learnt else {}
        if self.anchor:
            metrics["kl_weight"] = self.anchor
        if valid:
            metrics |= {"ratio_mean": ratio / valid, "approx_kl": divergence / valid, "ess": ratio**2 / (valid * squared)}
        return metrics | self._mismatch()

    def _mismatch(self):
        start = self.start
        if start.weights is None or not len(self.tokens):
            return {}
        metrics = {"mismatch_kl": float(start.mismatch[self.tokens].mean())}
        if self.valid.any():
            weights = start.weights[self.tokens[self.valid]].astype(np.float64)
            metrics["ess"] = float(weights.sum() ** 2 / (len(weights) * np.square(weights).sum()))
        if self.options.ratio.reject is not None:
            metrics["masked_frac"] = float(1 - self.valid.mean())
        return metrics
