"""The sum of the two parts' gradients: the solution's, and λ times the decision's."""

import torch

from .group import Group
from .job import DecisionWeight
from .moments import CHUNK

_KEPT = 0.7
_SMALLEST_NORM = 1e-12


class Balance:
    """Weighs the decision's gradient by a fixed λ, or by the λ at which it has a share of the norm.

    The decision's gradient waits in host memory, so a GPU holds one gradient, not two.
    """

    def __init__(self, weight, optimizer, group=Group()):
        self.weight, self.optimizer, self.group = weight, optimizer, group
        self.held, self.decision_norm = None, None
        # Sum and count of the moving average of each norm.
        self.averages = {"solution": (0.0, 0), "decision": (0.0, 0)}

    def hold(self):
        """Puts the gradient so far, the decision's, aside."""
        self.decision_norm = float(self.optimizer.gradient_norm())
        gradients = self.optimizer.gradients()
        if self.held is None:
            pinned = gradients[0].is_cuda
            self.held = [torch.empty(gradient.shape, pin_memory=pinned) for gradient in gradients]
        for held, gradient in zip(self.held, gradients, strict=True):
            held.copy_(gradient)
        self.optimizer.clear()

    def join(self, has_solution):
        """Adds λ times what `hold` put aside to the gradient; returns the metrics of the sum."""
        solution_norm = float(self.optimizer.gradient_norm())
        weight = self._weight(solution_norm if has_solution else None)
        dot = 0.0
        for held, gradient in zip(self.held, self.optimizer.gradients(), strict=True):
            for kept, part in zip(held.split(CHUNK), gradient.split(CHUNK), strict=True):
                moved = kept.to(part.device)
                dot += float(torch.dot(moved, part))
                part.add_(moved, alpha=weight)
        dot = self.group.add(dot)
        weighted = weight * self.decision_norm
        metrics = {"grad_norm_solution": solution_norm, "grad_norm_decision": self.decision_norm}
        metrics |= {"decision_weight": weight, "balance": weighted / max(weighted + solution_norm, _SMALLEST_NORM)}
        if has_solution and solution_norm > 0 and self.decision_norm > 0:
            metrics["grad_cosine"] = dot / (solution_norm * self.decision_norm)
        return metrics

    def _weight(self, solution_norm):
        if not isinstance(self.weight, DecisionWeight):
            return self.weight
        if solution_norm is not None:
            self._average("solution", solution_norm)
        self._average("decision", self.decision_norm)
        if self.averages["solution"][1] == 0:
            return self.weight.max
        share = self.weight.share / (1 - self.weight.share)
        return min(self.weight.max, share * self._mean("solution") / (self._mean("decision") + _SMALLEST_NORM))

    def _average(self, name, norm):
        mean, count = self.averages[name]
        self.averages[name] = (_KEPT * mean + (1 - _KEPT) * norm, count + 1)

    def _mean(self, name):
        mean, count = self.averages[name]
        return mean / (1 - _KEPT**count)
