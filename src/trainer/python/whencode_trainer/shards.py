"""A decoder whose parameters are shards, one a process (FSDP2), and their optimizer."""

import math
from itertools import accumulate

import torch
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import CPUOffloadPolicy, MixedPrecisionPolicy, OffloadPolicy, fully_shard
from torch.distributed.tensor import DTensor

from .decoder import check_complete
from .eight_bit import BLOCK, BLOCKED
from .moments import CHUNK
from .optim import AdamW, adamw_groups, layout_of, schedule
from .tensor_file import Entry


def shard(model, group, precision, offload=False):
    """Shards a model without values; `read_shards` fills it.

    A layer is whole while it computes, in bf16 where the rest of the pass is; its gradient is summed in fp32. The root,
    embedding and head, stays whole and fp32 from the forward pass to the end of the backward pass, because
    the loss reads the head outside of the model's forward. `offload`: shards and their gradients are in host memory.
    """
    mesh = init_device_mesh(group.device.type, (group.size,))
    policy = CPUOffloadPolicy(pin_memory=group.device.type == "cuda") if offload else OffloadPolicy()
    narrow = torch.bfloat16 if precision == "bf16" else None
    of_layer = MixedPrecisionPolicy(param_dtype=narrow, reduce_dtype=torch.float32, cast_forward_inputs=False)
    for layer in model.model.layers:
        fully_shard(layer, mesh=mesh, mp_policy=of_layer, offload_policy=policy)
    of_root = MixedPrecisionPolicy(cast_forward_inputs=False)
    fully_shard(model, mesh=mesh, mp_policy=of_root, reshard_after_forward=False, offload_policy=policy)
    return model.to_empty(device="cpu" if offload else group.device)


@torch.no_grad()
def read_shards(model, files):
    """Fills the shards, but those of adapters. files: for each name a function that returns rows of the tensor."""
    wanted = {name: parameter for name, parameter in model.named_parameters() if ".lora_" not in name}
    check_complete(wanted, files)
    for name, parameter in wanted.items():
        first, local = first_row(parameter), parameter.to_local()
        if len(local):
            local.copy_(files[name](first, first + len(local)))


def first_row(parameter):
    """Of this process's shard: rows are dealt in equal parts, and the last processes may have fewer or none."""
    rows, size = parameter.shape[0], parameter.device_mesh.size()
    return min(rows, math.ceil(rows / size) * parameter.device_mesh.get_local_rank())


def entry_of(parameter):
    """As the whole tensor in a file, of which this process writes its rows."""
    row = math.prod(parameter.shape[1:])
    return Entry(tuple(parameter.shape), [(first_row(parameter) * row, parameter.to_local())])


def _places(parameter, per):
    """Where each process's numbers of a parameter begin, and where the last end, with one number for `per` elements."""
    (rows, *rest), size = parameter.shape, parameter.device_mesh.size()
    most = math.ceil(rows / size)
    shards = [max(0, min(most, rows - rank * most)) * math.prod(rest) for rank in range(size)]
    return [0, *accumulate(math.ceil(elements / per) for elements in shards)]


class _Shard(AdamW):
    """AdamW on this process's shard of one parameter."""

    def __init__(self, parameter, weight_decay, moments):
        self.parameter, self.weight_decay, self.steps = parameter, weight_decay, 0
        self.storage = parameter.to_local().detach().view(-1)
        self.moments = moments(self.storage)

    @property
    def gradient(self):
        # FSDP makes the gradient in the backward pass.
        if self.parameter.grad is None:
            self.parameter.grad = torch.zeros_like(self.parameter)
        return self.parameter.grad.to_local().view(-1)


class ShardedOptimizer:
    """AdamW on the shards, with clip and schedule; what `Optimizer` is for one process, and with the same states."""

    def __init__(self, model, options, updates, group):
        self.options, self.updates, self.group, self.model = options, updates, group, model
        self.named = named = model.trainable()
        self.groups = [
            [_Shard(tensor, decay, moments) for tensor in part] for part, decay, moments in adamw_groups(named, options)
        ]
        self.shards = [one for part in self.groups for one in part]
        # Blocks end with a shard, so that those of other numbers of processes are others.
        blocks_of = f"-{group.size}" if any(name in one.state() for one in self.shards for name in BLOCKED) else ""
        self.layout = layout_of(named) + blocks_of
        self.parameters = sum(tensor.numel() for tensor in named.values())

    def weights(self):
        return self.named

    def clear(self):
        for one in self.shards:
            one.parameter.grad = None

    def gradient_norm(self):
        return math.sqrt(self.group.add(sum(float(one.gradient.double().square().sum()) for one in self.shards)))

    def gradients(self):
        return [one.gradient for one in self.shards]

    def is_finite(self):
        found = sum(not bool(part.isfinite().all()) for one in self.shards for part in one.storage.split(CHUNK))
        return self.group.add(float(found)) == 0

    def entries(self):
        """The state as `Optimizer` has it: the parameters of a group end to end, of which this process has pieces."""
        found = {}
        for at, part in enumerate(self.groups):
            for name, first in part[0].state().items():
                place, pieces = 0, []
                for one in part:
                    places = _places(one.parameter, BLOCK if name in BLOCKED else 1)
                    pieces.append((place + places[self.group.rank], one.state()[name]))
                    place += places[-1]
                found[f"adamw.{at}.{name}"] = Entry((place,), pieces, first.dtype)
        return found

    def restored(self, done):
        """Called when the entries' pieces are those of the state after update number `done`."""
        # Whole parameters that a pass without gradient has left behind are of before.
        self.model.reshard()
        for one in self.shards:
            one.steps = done

    def step(self, update, norm):
        share = schedule(self.options, update, self.updates)
        for one in self.shards:
            if norm > self.options.max_grad_norm:
                one.gradient.mul_(self.options.max_grad_norm / norm)
            one.step(share * self.options.learning_rate)
