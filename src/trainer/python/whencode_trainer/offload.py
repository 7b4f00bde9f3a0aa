"""Masters, gradients and moments in host memory; the device has the weights as it computes with them.

Of a parameter a GPU then holds 2 bytes (4 of embedding, head and norms) in place of 16. Each pass sends its gradient to the
host, which adds it up in fp32; each update is made there.
"""

import torch

from .decoder import Linear


class Offloaded:
    """The flat storage of some parameters in host memory, as `AdamW` takes it."""

    def __init__(self, parameters, device):
        self.parameters = parameters
        size, pinned = sum(parameter.numel() for parameter in parameters), device.type == "cuda"
        self.storage, self.gradient = torch.empty(size, pin_memory=pinned), torch.zeros(size, pin_memory=pinned)
        self.masters, at = [], 0
        for parameter in parameters:
            place = slice(at, at + parameter.numel())
            self.storage[place].copy_(parameter.detach().reshape(-1))
            self.masters.append(self.storage[place].view(parameter.shape))
            parameter.register_post_accumulate_grad_hook(self._adds_to(self.gradient[place].view(parameter.shape)))
            at += parameter.numel()

    @staticmethod
    def _adds_to(total):
        def add(parameter):
            total.add_(parameter.grad.to(total.device, total.dtype))
            parameter.grad = None

        return add

    @torch.no_grad()
    def send(self):
        """Gives the device the weights of the host."""
        for parameter, master in zip(self.parameters, self.masters, strict=True):
            parameter.copy_(master)


@torch.no_grad()
def move_narrow(model, device, precision):
    """Moves the model to the device, with bf16 the matrices of its layers in it: every pass would round them to it."""
    for module in model.modules():
        if precision == "bf16" and isinstance(module, Linear):
            module.weight.data = module.weight.data.to(device, torch.bfloat16)
    model.to(device)
