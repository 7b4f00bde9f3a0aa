"""AdamW's moments of a flat tensor of weights, and the update that they make."""

import math

import torch

BETAS, EPSILON = (0.9, 0.999), 1e-8
# Elements of temporaries.
CHUNK = 2**26


class Moments:
    """Mean and mean square of the gradients of a flat tensor, in fp32."""

    def __init__(self, storage):
        self.mean, self.square = torch.zeros_like(storage), torch.zeros_like(storage)

    def state(self):
        return {"mean": self.mean, "square": self.square}

    def step(self, storage, gradient, steps, learning_rate, weight_decay):
        """Makes update number `steps`, counted from 1, of the weights in `storage`."""
        fast, slow = BETAS
        step_size = learning_rate / (1 - fast**steps)
        root_correction = math.sqrt(1 - slow**steps)
        parts = (tensor.split(CHUNK) for tensor in (storage, gradient, self.mean, self.square))
        for weight, gradient_part, mean, square in zip(*parts, strict=True):
            if weight_decay:
                weight.mul_(1 - learning_rate * weight_decay)
            mean.lerp_(gradient_part, 1 - fast)
            square.mul_(slow).addcmul_(gradient_part, gradient_part, value=1 - slow)
            weight.addcdiv_(mean, square.sqrt().div_(root_correction).add_(EPSILON), value=-step_size)
