"""The loss of the rollouts: the policy gradient with its KL anchor, or cross-entropy."""

import numpy as np
import torch

from . import losses
from .aggregate import Aggregation
from .batches import learnt_of
from .forward import on, solution_log_probs


class SolutionLoss:
    """Losses of the passes of one update after another; `weigh` comes first for each update."""

    def __init__(self, model, data, options, device, start):
        self.model, self.data, self.options, self.device, self.start = model, data, options, device, start
        self.advantages = data.advantages
        self.aggregation = Aggregation(options.aggregation, data)
        self.start_log_probs = torch.from_numpy(start.log_probs).to(device)
        self.corrections = None if start.weights is None else torch.from_numpy(start.weights).to(device)
        self.anchor = options.kl_weight or 0
        clip = options.clip if isinstance(options.clip, (list, tuple)) else (options.clip, options.clip)
        self.clip = {"clip": clip}
        if options.ratio is not None:
            self.clip |= {"objective": options.ratio.objective, "dual_clip": options.ratio.dual_clip}

    def weigh(self, passes):
        """Fixes the tokens' weights in the update that consists of these passes. Returns the number of tokens."""
        parts = [learnt_of(self.data, one_pass) for one_pass in passes]
        self.tokens, sequences = map(np.concatenate, zip(*parts)) if parts else [np.zeros(0, np.int64)] * 2
        self.valid = ~self.start.rejected[sequences]
        with_advantage = not self.options.is_policy_gradient or self.advantages[sequences] != 0
        self.learnt = self.valid & with_advantage
        # Per token: weight of the gain, weight of the anchor, whether it is valid, its advantage.
        lines = np.stack([
            self.aggregation.weights(sequences, self.learnt),
            self.anchor * self.aggregation.weights(sequences, self.valid),
            self.valid,
            self.advantages[sequences],
        ]).astype(np.float32)  # fmt: skip
        ends = np.cumsum([len(tokens) for tokens, _ in parts])[:-1]
        self.lines = [on(self.device, part) for part in np.split(lines, ends, axis=1)]
        self.learnt_tokens = int(np.count_nonzero(self.learnt))
        return int(np.count_nonzero(self.valid))

    def of_pass(self, at, packed, hidden):
        """The loss of pass number `at`, and its sums for `metrics`; `at` is None for a spare pass."""
        weight, anchor, valid, advantage = torch.zeros(4, 1, device=self.device) if at is None else self.lines[at]
        if not self.options.is_policy_gradient:
            loss = -(weight * solution_log_probs(self.model, hidden, packed, 1.0)).sum()
            return loss, loss.detach()[None]
        log_prob = solution_log_probs(self.model, hidden, packed, self.options.temperature)
        tokens = on(self.device, packed.tokens)
        if self.corrections is not None:
            weight, anchor = weight * self.corrections[tokens], anchor * self.corrections[tokens]
        log_ratio = losses.log_ratio(log_prob, self.start_log_probs[tokens])
        ratio = log_ratio.exp()
        policy_loss = -(weight * losses.surrogate(ratio, advantage, **self.clip)).sum()
        loss = policy_loss
        if self.anchor:
            loss = loss + (anchor * losses.anchor(log_ratio)).sum()
        with torch.no_grad():
            stopped = valid * losses.is_stopped(ratio, advantage, **self.clip)
            each = torch.stack([stopped, valid * ratio, valid * ratio.square(), valid * losses.k3(log_ratio)])
            return loss, torch.cat([policy_loss[None], each.sum(dim=1)])

    def metrics(self, sums):
        """The update's metrics, from the sums of its passes."""
        learnt, valid = self.learnt_tokens, np.count_nonzero(self.valid)
        if not self.options.is_policy_gradient:
            return {"nll": sums[0]} if learnt else {}
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
