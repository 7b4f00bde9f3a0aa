"""The processes of one training as the trainer's code sees them: sums, agreements, and who computes which pass."""

import math
import os
import socket

import torch

from .progress import Refusal


class Group:
    """One process, or the `size` processes that PyTorch has connected."""

    def __init__(self, rank=0, size=1, device=None, handle=None):
        self.rank, self.size, self.device, self._handle = rank, size, device, handle

    def beside(self):
        """The same processes for a thread beside the main one: what two threads send must not be mixed up."""
        if self.size == 1:
            return self
        handle = torch.distributed.new_group(backend="gloo")
        return Group(self.rank, self.size, torch.device("cpu"), handle)

    def sum(self, tensor):
        """Adds the tensors of all processes, in place; they are on the group's device and have one shape."""
        if self.size > 1:
            torch.distributed.all_reduce(tensor, group=self._handle)
        return tensor

    def add(self, number):
        """The sum of a float of each process."""
        return number if self.size == 1 else float(self.sum(torch.tensor(number, dtype=torch.float64, device=self.device)))

    def of_first(self, number):
        """The whole number of rank 0, for all."""
        if self.size == 1:
            return number
        value = torch.tensor(number, dtype=torch.int64, device=self.device)
        torch.distributed.broadcast(value, 0, group=self._handle)
        return int(value)

    def least(self, number):
        """The smallest of the whole numbers of all."""
        if self.size == 1:
            return number
        value = torch.tensor(number, dtype=torch.int64, device=self.device)
        torch.distributed.all_reduce(value, torch.distributed.ReduceOp.MIN, group=self._handle)
        return int(value)

    def wait(self):
        if self.size > 1:
            torch.distributed.barrier(group=self._handle)

    def deal(self, costs):
        """This process's items, by number, one a round; None where a round has none for it.

        All processes have equally many rounds, since a sharded model computes in all of them at once. A round has items
        of similar cost, so that none waits long for another.
        """
        order = sorted(range(len(costs)), key=lambda at: (-costs[at], at)) if self.size > 1 else range(len(costs))
        dealt = [*order, *[None] * (-len(costs) % self.size)]
        return dealt[self.rank :: self.size]

    def close(self):
        if self.size > 1:
            torch.distributed.destroy_process_group()


def connect(seat, device):
    """Joins the group; returns when all have. Data passes between GPUs, or between processes over the loopback."""
    if seat.size == 1:
        return Group(device=device)
    loopback = next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), None)
    if loopback is None:
        raise Refusal("several processes talk over the loopback interface, and this machine has none; set train.gpus to 1")
    # No other machine reaches them.
    os.environ["GLOO_SOCKET_IFNAME"] = os.environ["NCCL_SOCKET_IFNAME"] = loopback
    store = torch.distributed.FileStore(seat.rendezvous, seat.size)
    backend = "nccl" if device.type == "cuda" else "gloo"
    torch.distributed.init_process_group(backend, store=store, rank=seat.rank, world_size=seat.size)
    return Group(seat.rank, seat.size, device)


def parts_for(total, limit, size):
    """Number of parts of at most about `limit` for `size` processes: a multiple of `size`, so that none is idle."""
    return size * max(1, math.ceil(total / (size * limit)))
