"""The probe: with the weights, template and temperature that sampled, ρ = exp(log π − behaviour) is 1."""

import numpy as np
import torch

from .batches import Pass, pack
from .forward import autocast, hidden_states, on, solution_log_probs
from .losses import LARGEST_LOG_RATIO
from .progress import Refusal

_TOKENS = 4000
_TEMPERATURES = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5, 2.0)


# A normal difference between two implementations is far below: that is another model, template or temperature.
_REFUSED_ABOVE = 0.2


def probe(model, data, options, device, is_exact=True):
    """Returns the figures of the `probe` event. `is_exact`: a pass in fp32 computes with weights that nothing rounded.

    Outside `ratioTolerance` on mean |ρ − 1| it refuses what is surely wrong (above 0.2, or another temperature
    fits) and warns otherwise: rounding and other kernels make ρ differ from 1, which the loss corrects.
    """
    passes = _choose(data, options)
    deviations = _deviations(model, data, passes, options.precision, [options.temperature], device)[0]
    figures = {
        "tokens": len(deviations),
        "meanAbsDeviation": float(deviations.mean()),
        "maxAbsDeviation": float(deviations.max()),
    }
    if options.precision != "fp32" and is_exact:
        exact = _deviations(model, data, passes, "fp32", [options.temperature], device)[0]
        figures["fp32MeanAbsDeviation"] = float(exact.mean())
    if figures["meanAbsDeviation"] <= options.ratio_tolerance:
        return figures
    return figures | {"warning": _explain(figures, model, data, passes, options, device)}


def _explain(figures, model, data, passes, options, device):
    """The likely cause; raises Refusal for one that no correction makes up for."""
    by_temperature = _deviations(model, data, passes, "fp32", _TEMPERATURES, device)
    means = [float(deviations.mean()) for deviations in by_temperature]
    best = int(np.argmin(means))
    details = {**figures, "tolerance": options.ratio_tolerance, "temperature": options.temperature}
    details |= {"bestTemperature": _TEMPERATURES[best], "bestTemperatureMeanAbsDeviation": means[best]}
    is_rounding = figures.get("fp32MeanAbsDeviation", np.inf) <= options.ratio_tolerance
    # Half of the deviation at least: two temperatures can fit the same noise.
    fits = means[best] <= min(options.ratio_tolerance, figures["meanAbsDeviation"] / 2)
    is_other_temperature = fits and _TEMPERATURES[best] != options.temperature
    is_far = figures["meanAbsDeviation"] > max(_REFUSED_ABOVE, options.ratio_tolerance)
    if is_rounding:
        cause = f"in fp32 it would be {figures['fp32MeanAbsDeviation']:.4g}: bf16 rounding; train in fp32 or raise ratioTolerance"
    elif is_other_temperature:
        cause = f"at temperature {_TEMPERATURES[best]} it would be {means[best]:.4g}: the rollouts were sampled at another temperature"
    elif is_far:
        cause = "likely causes: other weights than those that sampled, another prompt template or prefix, another tokenizer"
    else:
        cause = "sampler and trainer round or compute differently"
    message = (
        f"the importance ratios are not 1: mean |ρ − 1| = {figures['meanAbsDeviation']:.4g} on {figures['tokens']} tokens, "
        f"the tolerance is {options.ratio_tolerance:g}; {cause}"
    )
    if is_far or (is_other_temperature and not is_rounding):
        raise Refusal(message, **details)
    return message


def _choose(data, options):
    """Seeded choice of sequences with about `_TOKENS` learnt tokens; all sequences of a smaller set."""
    passes, learnt = [Pass()], 0
    for sequence in np.random.default_rng([options.seed, 0x70726F6265]).permutation(data.sequence_count).tolist():
        start, end = int(data.offsets[sequence]), int(data.offsets[sequence + 1])
        if passes[-1].tokens and passes[-1].tokens + end - start > options.micro_batch_tokens:
            passes.append(Pass())
        passes[-1].sequences.append(sequence)
        passes[-1].tokens += end - start
        learnt += int(data.loss_mask[start:end].sum())
        if learnt >= _TOKENS:
            break
    return passes


@torch.no_grad()
def _deviations(model, data, passes, precision, temperatures, device):
    """|ρ − 1| of each token, one array per temperature."""
    found = [[] for _ in temperatures]
    for one_pass in passes:
        packed = pack(data, one_pass)
        behaviour = on(device, data.behaviour_log_probs[packed.tokens])
        with autocast(device, precision):
            hidden = hidden_states(model, packed, device)
            for at, temperature in enumerate(temperatures):
                log_ratio = solution_log_probs(model, hidden, packed, temperature) - behaviour
                ratio = log_ratio.clamp(-LARGEST_LOG_RATIO, LARGEST_LOG_RATIO).double().exp()
                found[at].append((ratio - 1).abs().cpu().numpy())
    return [np.concatenate(parts) for parts in found]
