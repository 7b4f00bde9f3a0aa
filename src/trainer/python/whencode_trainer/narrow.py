"""fp32 weights as bf16 and what bf16 leaves out of them. Together they are the weights, in as many bytes.

A model whose source is bf16 is served and exported in it, but an iteration's changes are often smaller than its rounding:
so a checkpoint keeps the rest beside the weights, for the training that goes on from it.
"""

import torch

REMAINDER_FILE = "training/remainder.safetensors"


def nearest(values):
    """The nearest bf16; ties away from 0, so that the remainder has 16 bits."""
    return _high(values).to(torch.int16).view(torch.bfloat16)


def remainder(values):
    """int16: the distance of the bits from those of `nearest`."""
    return (values.view(torch.int32) - (_high(values) << 16)).to(torch.int16)


def exact(narrow, rest):
    """The fp32 values, to the bit, that gave `narrow` and `rest`."""
    return ((narrow.contiguous().view(torch.int16).to(torch.int32) << 16) + rest.to(torch.int32)).view(torch.float32)


def _high(values):
    return (values.view(torch.int32) + 0x8000) >> 16
