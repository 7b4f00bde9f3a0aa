"""The terms of the loss, per token or per query, and the sums that the metrics are made of."""

import math

import torch
from torch.nn.functional import cross_entropy, linear

# Elements of one block of logits: 64 MB on a CPU, more where memory is fast.
_BLOCK_ELEMENTS = {"cpu": 2**24, "cuda": 2**28}
# Bounds exp: beyond this a ratio is as wrong as it can be.
LARGEST_LOG_RATIO = 20.0


def log_probs(hidden, head, targets, temperature):
    """log π(target) [M] of hidden states [M, d] at a temperature; logits exist for one block of rows at a time.

    Logits are fp32 also under autocast: rounded to bf16 they alone would make mean |ρ − 1| .003 to .006.
    """
    rows = max(1, _BLOCK_ELEMENTS[hidden.device.type] // head.shape[0])
    if len(hidden) <= rows:
        return _block(hidden, head, targets, temperature)
    from torch.utils.checkpoint import checkpoint

    blocks = zip(hidden.split(rows), targets.split(rows), strict=True)
    return torch.cat([checkpoint(_block, h, head, t, temperature, use_reentrant=False) for h, t in blocks])


def _block(hidden, head, targets, temperature):
    with torch.autocast(hidden.device.type, enabled=False):
        logits = linear(hidden.float(), head.float())
        return -cross_entropy(logits if temperature == 1 else logits / temperature, targets, reduction="none")


def log_ratio(log_prob, start):
    """log ρ = log π − log π_start, bounded so that ρ stays finite."""
    return (log_prob - start).clamp(-LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)


def surrogate(ratio, advantage, clip, objective="ppo", dual_clip=None):
    """The gain of each token. ratio, advantage [M]; clip = (ε low, ε high).

    `ppo`: min(ρA, clip(ρ)A) (Schulman and others, 2017), with `dual_clip` at least dual_clip·A for A < 0 (Ye and others,
    2020). `clip-only`: clip(ρ)A, whose gradient is 0 outside the band on both sides.
    """
    low, high = clip
    clipped = ratio.clamp(1 - low, 1 + high) * advantage
    if objective == "clip-only":
        return clipped
    gain = torch.minimum(ratio * advantage, clipped)
    if dual_clip is None:
        return gain
    return torch.where(advantage < 0, torch.maximum(gain, dual_clip * advantage), gain)


def is_stopped(ratio, advantage, clip, objective="ppo", dual_clip=None):
    """Which tokens the clip leaves without a gradient, [M] of bool."""
    low, high = clip
    above, below = ratio > 1 + high, ratio < 1 - low
    if objective == "clip-only":
        return (above | below) & (advantage != 0)
    stopped = (above & (advantage > 0)) | (below & (advantage < 0))
    return stopped if dual_clip is None else stopped | ((ratio > dual_clip) & (advantage < 0))


def k3(log_ratio):
    """ρ − 1 − log ρ per token: an unbiased, never negative estimate of KL(start || policy) from rollouts of the start."""
    return log_ratio.exp() - 1 - log_ratio


def anchor(log_ratio):
    """k3 per token, linear above ρ = e: its gradient, ρ − 1, is at most e − 1, so that no mismatch of one token is the update."""
    bounded = log_ratio.clamp(max=1)
    return k3(bounded) + (math.e - 1) * (log_ratio - bounded)


def decision_loss(log_prob, targets, arms):
    """−Σ_c s*(c|x) · log π(g_c|x), summed over queries. log_prob [D] per prefix token, targets [D, 2], arms [D]."""
    return -(targets.gather(1, arms[:, None])[:, 0] * log_prob).sum()


def decision_sums(log_prob, queries, arms, count):
    """Sums over queries of p(code) and of the decision's entropy, both after normalising over the two prefixes."""
    sums = torch.zeros(count * 2, device=log_prob.device).index_add_(0, queries * 2 + arms, log_prob.float())
    log_share = torch.log_softmax(sums.view(count, 2), dim=1)
    share = log_share.exp()
    return torch.stack([share[:, 1].sum(), -(share * log_share).sum()])
