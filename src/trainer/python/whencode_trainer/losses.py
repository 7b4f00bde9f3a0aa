"""The objective of an update (design: M-step), in parts that are normalised separately."""

import torch
from torch.nn.functional import cross_entropy, linear

# Elements of one block of logits: 64 MB on a CPU, more where memory is fast.
_BLOCK_ELEMENTS = {"cpu": 2**24, "cuda": 2**28}


def log_probs(hidden, head, targets, temperature):
    """log π(target) [M] of hidden states [M, d] at a temperature; logits exist for one block of rows at a time."""
    rows = max(1, _BLOCK_ELEMENTS[hidden.device.type] // head.shape[0])
    if len(hidden) <= rows:
        return _block(hidden, head, targets, temperature)
    from torch.utils.checkpoint import checkpoint

    blocks = zip(hidden.split(rows), targets.split(rows), strict=True)
    return torch.cat([checkpoint(_block, h, head, t, temperature, use_reentrant=False) for h, t in blocks])


def _block(hidden, head, targets, temperature):
    logits = linear(hidden, head).float()
    return -cross_entropy(logits if temperature == 1 else logits / temperature, targets, reduction="none")


def clipped_objective(log_prob, behaviour, advantage, clip):
    """min(ρA, clip(ρ, 1−ε, 1+ε)A) per token, and ρ. All arguments [M]; ε = clip."""
    ratio = torch.exp(log_prob - behaviour)
    return torch.minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage), ratio


def ratio_sums(log_prob, behaviour, advantage, ratio, clip):
    """Sums over tokens of ρ, of clipped tokens and of ρ − 1 − log ρ (an estimate of KL(behaviour || policy))."""
    clipped = ((ratio > 1 + clip) & (advantage > 0)) | ((ratio < 1 - clip) & (advantage < 0))
    return torch.stack([ratio.sum(), clipped.sum().float(), (ratio - 1 - (log_prob - behaviour)).sum()])


def decision_loss(log_prob, targets, arms):
    """−Σ_c s*(c|x) · log π(g_c|x), summed over queries. log_prob [D] per prefix token, targets [D, 2], arms [D]."""
    return -(targets.gather(1, arms[:, None])[:, 0] * log_prob).sum()


def decision_sums(log_prob, queries, arms, count):
    """Sums over queries of p(code) and of the decision's entropy, both after normalising over the two prefixes."""
    sums = torch.zeros(count * 2, device=log_prob.device).index_add_(0, queries * 2 + arms, log_prob.float())
    log_share = torch.log_softmax(sums.view(count, 2), dim=1)
    share = log_share.exp()
    return torch.stack([share[:, 1].sum(), -(share * log_share).sum()])
