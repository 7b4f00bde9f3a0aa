"""Muon and AdamW over flat storage: one tensor per group, so that a step has the same few calls for any model.

torch.optim would import the compiler (about 3 s) on its first step.
"""

import hashlib
import json
import math

import torch

from .eight_bit import EightBitMoments, is_eight_bit
from .moments import CHUNK, Moments
from .offload import Offloaded
from .tensor_file import whole

_MOMENTUM, _NEWTON_SCHULZ_STEPS = 0.95, 5
# Quintic coefficients as published with Muon (K. Jordan, 2024).
_A, _B, _C = 3.4445, -4.7750, 2.0315
MUON_STATE = ("storage", "momentum")


class AdamW:
    """Decoupled weight decay (Loshchilov and Hutter, 2019) for one flat group, with moments of a class as `Moments`."""

    def __init__(self, parameters, weight_decay, moments, device, offload=False):
        self.offloaded = Offloaded(parameters, device) if offload else None
        source = self.offloaded
        self.storage, self.gradient = (source.storage, source.gradient) if offload else _lay_out_flat(parameters, device)
        self.moments = moments(self.storage)
        self.weight_decay, self.steps = weight_decay, 0

    def state(self):
        return {"storage": self.storage, **self.moments.state()}

    def step(self, learning_rate):
        self.steps += 1
        self.moments.step(self.storage, self.gradient, self.steps, learning_rate, self.weight_decay)


class Muon:
    """Momentum whose update is orthogonalised; one group of equally shaped matrices, stacked."""

    def __init__(self, parameters, weight_decay, device):
        self.storage, self.gradient = _lay_out_flat(parameters, device)
        shape = (len(parameters), *parameters[0].shape)
        self.weights, self.gradients = self.storage.view(shape), self.gradient.view(shape)
        self.momentum = torch.zeros_like(self.weights)
        self.weight_decay = weight_decay
        self.scale = math.sqrt(max(1.0, shape[1] / shape[2]))

    def step(self, learning_rate):
        self.momentum.lerp_(self.gradients, 1 - _MOMENTUM)
        update = orthogonalise(self.gradients.lerp(self.momentum, _MOMENTUM))
        if self.weight_decay:
            self.weights.mul_(1 - learning_rate * self.weight_decay)
        self.weights.add_(update, alpha=-learning_rate * self.scale)


def orthogonalise(matrices):
    """Newton-Schulz iteration towards U Vᵀ of each matrix of a stack [n, rows, columns]."""
    x = matrices.mT if matrices.shape[1] > matrices.shape[2] else matrices
    x = x.to(_newton_schulz_type(x.device))
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(_NEWTON_SCHULZ_STEPS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=_B, alpha=_C), x, beta=_A)
    x = x.to(matrices.dtype)
    return x.mT if matrices.shape[1] > matrices.shape[2] else x


def _newton_schulz_type(device):
    """bf16 suffices, as published, on hardware that multiplies it fast."""
    fast = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if fast else torch.float32


class Optimizer:
    """The parameter groups of one model with clip and schedule. Takes over the storage of parameters and gradients."""

    def __init__(self, model, options, updates, device, offload=False):
        self.options, self.updates = options, updates
        self.named = named = model.trainable()
        self.layout = layout_of(named)
        muon = [name for name in named if options.name == "muon" and _is_hidden_matrix(name, named[name])]
        shapes = {}
        for name in muon:
            shapes.setdefault(tuple(named[name].shape), []).append(named[name])
        rest = {name: tensor for name, tensor in named.items() if name not in set(muon)}
        self.muon = [Muon(group, options.weight_decay, device) for group in shapes.values()]
        self.adamw = [
            AdamW(group, decay, moments, device, offload) for group, decay, moments in adamw_groups(rest, options)
        ]
        self.parameters = sum(group.storage.numel() for group in self.muon + self.adamw)

    def clear(self):
        for group in self.muon + self.adamw:
            group.gradient.zero_()

    def gradient_norm(self):
        return torch.stack([group.gradient.norm() for group in self.muon + self.adamw]).norm()

    def gradients(self):
        """The flat gradient of each group; views, not copies."""
        return [group.gradient for group in self.muon + self.adamw]

    def is_finite(self):
        return all(
            bool(part.isfinite().all()) for group in self.muon + self.adamw for part in group.storage.view(-1).split(CHUNK)
        )

    def weights(self):
        """The weights that learn, by name, in fp32."""
        found = dict(self.named)
        names = {id(parameter): name for name, parameter in self.named.items()}
        for source in self._offloaded():
            found |= {names[id(one)]: master for one, master in zip(source.parameters, source.masters, strict=True)}
        return found

    def _offloaded(self):
        return [group.offloaded for group in self.adamw if group.offloaded is not None]

    def state(self):
        """The state that the next update depends on, by name; views, not copies."""
        named = {f"muon.{at}.{name}": getattr(group, name) for at, group in enumerate(self.muon) for name in MUON_STATE}
        return named | {
            f"adamw.{at}.{name}": tensor for at, group in enumerate(self.adamw) for name, tensor in group.state().items()
        }

    def entries(self):
        """The state as tensors of a file."""
        return {name: whole(tensor) for name, tensor in self.state().items()}

    def restored(self, done):
        """Called when the `state` is that after update number `done`, counted from 1."""
        for group in self.adamw:
            group.steps = done
        for source in self._offloaded():
            source.send()

    def step(self, update, norm):
        """Applies update number `update`, counted from 0; `norm` is the global gradient norm as a number."""
        if norm > self.options.max_grad_norm:
            for group in self.muon + self.adamw:
                group.gradient.mul_(self.options.max_grad_norm / norm)
        share = schedule(self.options, update, self.updates)
        for group in self.muon:
            group.step(share * self.options.muon_learning_rate)
        for group in self.adamw:
            group.step(share * self.options.learning_rate)
        for source in self._offloaded():
            source.send()


def adamw_groups(named, options):
    """Tensors, weight decay and class of moments of each group that AdamW updates; groups without a tensor are left out."""
    matrices = {name: tensor for name, tensor in named.items() if tensor.ndim >= 2}
    is_small = {name: options.name == "adamw-8bit" and is_eight_bit(name) for name in matrices}
    groups = (
        ([tensor for name, tensor in matrices.items() if not is_small[name]], options.weight_decay, Moments),
        ([tensor for name, tensor in matrices.items() if is_small[name]], options.weight_decay, EightBitMoments),
        ([tensor for tensor in named.values() if tensor.ndim < 2], 0.0, Moments),
    )
    return [group for group in groups if group[0]]


def layout_of(named):
    """A digest of names and shapes in the order in which a saved state holds the parameters."""
    shapes = [[name, list(tensor.shape)] for name, tensor in named.items()]
    return hashlib.sha256(json.dumps(shapes).encode()).hexdigest()


def schedule(options, update, updates):
    """Factor of the learning rate at an update: linear warm-up, then constant or a cosine down to 0."""
    if update < options.warmup_steps:
        return (update + 1) / options.warmup_steps
    if options.schedule == "constant":
        return 1.0
    return 0.5 * (1 + math.cos(math.pi * (update - options.warmup_steps) / max(1, updates - options.warmup_steps)))


def _is_hidden_matrix(name, tensor):
    return tensor.ndim == 2 and "embed" not in name and "lm_head" not in name and "wte" not in name


def _lay_out_flat(parameters, device):
    """Moves parameters into one tensor on the device, and gives each a gradient that is also a view."""
    storage = torch.empty(sum(tensor.numel() for tensor in parameters), device=device)
    gradient, at = torch.zeros_like(storage), 0
    for tensor in parameters:
        place = slice(at, at + tensor.numel())
        storage[place].copy_(tensor.detach().reshape(-1))
        tensor.requires_grad_(True)
        tensor.data = storage[place].view(tensor.shape)
        tensor.grad = gradient[place].view(tensor.shape)
        at += tensor.numel()
    return storage, gradient
