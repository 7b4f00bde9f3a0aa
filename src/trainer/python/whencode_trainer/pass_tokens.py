"""Tokens of a pass, where the training is to choose them: once, from the memory that is free."""

import os
from pathlib import Path

import torch

from .job import AUTO
from .progress import Refusal
from .resume import read_pass_tokens


def choose_pass_tokens(job, group):
    """What the options say, else what the run took that is resumed, else the longest pass that fits.

    Raises Refusal where not even the shortest fits. The same number in all processes.
    """
    wanted = job.options.micro_batch_tokens
    if wanted != AUTO:
        return wanted
    # Passes of another length are rounded in another order.
    before = group.of_first(read_pass_tokens(job.resume_from) or 0)
    if before:
        return before
    free, on_gpu = group.least(free_bytes(group.device)), group.device.type == "cuda"
    needed = [(length.gpu_bytes if on_gpu else length.host_bytes, length.tokens) for length in job.pass_memory]
    fitting = [tokens for bytes_, tokens in needed if bytes_ <= free]
    if not fitting:
        bytes_, tokens = needed[0]
        where = "of the GPU" if on_gpu else "of memory"
        raise Refusal(
            f"microBatchTokens is auto: a pass of {tokens} tokens needs {bytes_ / 1e9:.1f} GB {where}, and {free / 1e9:.1f} GB are free;"
            " free some, take a smaller model, gradientCheckpointing, lora or more gpus, or set a number of tokens"
        )
    return max(fitting)


def free_bytes(device):
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    try:
        with open("/proc/meminfo") as file:
            available = next(1024 * int(line.split()[1]) for line in file if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        # Not Linux: what the machine has.
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(available, *(limit - used for limit, used in container_memory()))


# Limit and use of a container's memory: control groups of version 2 and 1.
_CONTAINER = (("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"))


def container_memory(root="/sys/fs/cgroup"):
    """Yields the limits of the container that this process is in, with what is used of each; none on a bare machine."""
    for names in _CONTAINER:
        try:
            limit, used = (Path(root, name).read_text().strip() for name in names)
        except OSError:
            continue
        if limit != "max":
            yield int(limit), int(used)
