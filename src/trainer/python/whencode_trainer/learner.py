"""Gradients of one update, accumulated over its passes."""

import numpy as np
import torch

from . import losses
from .balance import Balance
from .batches import group_by_query, pack, plan_decision_passes, plan_passes, spare_pass
from .forward import autocast, decision_log_probs, hidden_states, on
from .group import Group
from .objectives.table import loss_class


class Learner:
    """`start` is what ratios are relative to (start.py). All processes of the group call it with the same updates."""

    def __init__(self, model, optimizer, data, options, device, start, group=Group()):
        self.model, self.optimizer, self.data, self.options, self.device = model, optimizer, data, options, device
        self.group = group
        self.by_query, self.targets = group_by_query(data), torch.from_numpy(data.targets).to(device)
        self.solution = loss_class(options.objective)(model, data, options, device, start, group)
        self.balance = Balance(options.decision_weight, optimizer, group)
        # Token and decision counts of the last accumulated update.
        self.learnt = {"tokens": 0, "learnt": 0, "decisions": 0}

    def accumulate(self, update):
        """Sets the gradient of the update's loss; returns its metrics and its token count.

        Each part is divided by its own count over the whole update, so the result does not depend on the pass size. The
        parts have passes of their own, so that the norm of each is known.
        """
        limit, processes = self.options.micro_batch_tokens, self.group.size
        self.optimizer.clear()
        deciding = plan_decision_passes(self.data, update, limit, processes) if self.options.has_decisions else []
        solving = plan_passes(self.data, update, self.by_query, limit, processes)
        decisions = sum(len(one_pass.decisions) for one_pass in deciding)
        decided = self._backward(deciding, lambda _, *part: self._decision_loss(decisions, *part))
        if deciding:
            self.balance.hold()
        tokens = self.solution.weigh(solving)
        self.learnt = {"tokens": tokens, "learnt": self.solution.learnt_tokens, "decisions": decisions}
        loss, *sums = self._backward(solving, self.solution.of_pass) or [0.0]
        metrics = self.solution.metrics(sums) if sums else {}
        loss = metrics.pop("loss", loss)
        if deciding:
            decision_loss, code, entropy = decided
            joined = self.balance.join(self.solution.learnt_tokens > 0)
            metrics |= {"decision_loss": decision_loss, "code_prob": code / decisions, "decision_entropy": entropy / decisions}
            loss, metrics = loss + joined["decision_weight"] * decision_loss, metrics | joined
        return {"loss": loss} | metrics, sum(one_pass.tokens for one_pass in deciding + solving)

    def _backward(self, passes, loss_of):
        """Adds the gradients of the passes; returns the sum of [loss, sums...] over them, nothing without a pass."""
        totals = []
        for at in self.group.deal([one_pass.tokens for one_pass in passes]):
            packed = spare_pass() if at is None else pack(self.data, passes[at])
            with autocast(self.device, self.options.precision):
                loss, sums = loss_of(at, packed, hidden_states(self.model, packed, self.device))
            if at is None:
                loss, sums = loss * 0, sums * 0
            # A sharded model averages gradients over the group; the loss is divided by the counts of the whole update.
            (loss if self.group.size == 1 else loss * self.group.size).backward()
            totals.append(torch.cat([loss.detach()[None], sums]))
        return self.group.sum(torch.stack(totals).sum(dim=0)).tolist() if totals else []

    def _decision_loss(self, decisions, packed, hidden):
        log_prob = decision_log_probs(self.model, hidden, packed)
        names, queries = np.unique(packed.decision_queries, return_inverse=True)
        arms, queries = on(self.device, packed.decision_arms), on(self.device, queries)
        loss = losses.decision_loss(log_prob, self.targets[on(self.device, packed.decision_queries)], arms) / decisions
        with torch.no_grad():
            return loss, losses.decision_sums(log_prob, queries, arms, len(names))
