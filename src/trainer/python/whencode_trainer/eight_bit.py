"""AdamW's moments in 8 bits (Dettmers and others, arXiv 2110.02861): a byte a number and a scale for each block of them.

The step is that of the package bitsandbytes, which is imported where a training wants it: the import takes seconds.
"""

import math
import sys
from importlib.util import find_spec
from pathlib import Path

import torch

from .moments import BETAS, EPSILON
from .progress import Refusal

# Numbers of a block, as in bitsandbytes.
BLOCK = 256
# The parts of a state that have one number a block.
BLOCKED = ("mean_scale", "square_scale")
# Elements whose moments are in fp32 at a time on a CPU; whole blocks.
_CHUNK = 2**22
# Where set-up puts the package: beside the environment of the interpreter (infra/setup/eight-bit-optimizer.mjs).
_BESIDE = str(Path(sys.prefix).parent / "bitsandbytes")


def is_eight_bit(name):
    """Whether the moments of a matrix are in 8 bits: not those of embeddings, whose rows differ most in scale."""
    return "embed" not in name and "wte" not in name


def check_eight_bit():
    """Raises Refusal where bitsandbytes is not installed."""
    if find_spec("bitsandbytes") is None and _BESIDE not in sys.path:
        sys.path.append(_BESIDE)
    if find_spec("bitsandbytes") is None:
        raise Refusal(
            "optimizer.name is adamw-8bit, which needs the package bitsandbytes, and it is not installed: run `npm run setup -- --8bit`,"
            f" or with an interpreter of your own `{sys.executable} -m pip install bitsandbytes`; or take adamw"
        )


class EightBitMoments:
    """As `Moments` of moments.py; the bytes are places in `maps`."""

    def __init__(self, storage):
        from bitsandbytes.functional import create_dynamic_map

        size, blocks, device = storage.numel(), math.ceil(storage.numel() / BLOCK), storage.device
        self.maps = [create_dynamic_map(signed=signed).to(device) for signed in (True, False)]
        # The codes of 0.
        zeros = [int((one == 0).nonzero()[0]) for one in self.maps]
        self.codes = [torch.full((size,), zero, dtype=torch.uint8, device=device) for zero in zeros]
        self.scales = [torch.zeros(blocks, device=device) for _ in self.maps]

    def state(self):
        return dict(zip(("mean", "square", *BLOCKED), self.codes + self.scales, strict=True))

    def step(self, storage, gradient, steps, learning_rate, weight_decay):
        from bitsandbytes.functional import optimizer_update_8bit_blockwise

        parts = (tensor.split(_CHUNK) for tensor in (storage, gradient, *self.codes))
        scales = (tensor.split(_CHUNK // BLOCK) for tensor in self.scales)
        for weight, gradient_part, *codes, mean_scale, square_scale in zip(*parts, *scales, strict=True):
            if weight.numel():
                optimizer_update_8bit_blockwise(
                    "adam", gradient_part, weight, *codes, *BETAS, 0.0, 0.0, EPSILON, steps, learning_rate, *self.maps,
                    mean_scale, square_scale, weight_decay,
                )  # fmt: skip
