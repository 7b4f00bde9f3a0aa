"""Low-rank adapters (Hu and others, arXiv 2106.09685): y = W x + (alpha / rank) · B A x, of which W is frozen.

In the format of the peft package, which takes some 10 s to import (transformers included) and learns the same.
"""

import json
import math

import torch

from .decoder import Linear, Weight, apply
from .progress import Refusal
from .tensor_file import Entry, whole, write_tensors


class AdaptedLinear(Linear):
    def __init__(self, rows, columns, bias, lora):
        super().__init__(columns, rows, bias=bias)
        self.lora_A, self.lora_B = Weight(lora.rank, columns), Weight(rows, lora.rank)
        self.scale = lora.alpha / lora.rank

    def forward(self, x):
        return super().forward(x) + self.scale * apply(apply(x, self.lora_A.weight), self.lora_B.weight)


def check_lora(lora, architecture):
    """Raises Refusal for adapters that the model can't have."""
    if architecture is None:
        raise Refusal("this model's family is computed by transformers, which has no adapters here; leave out lora")
    for name, shape in architecture.tensors.items():
        if _is_target(name.removesuffix(".weight"), lora) and lora.rank > min(shape):
            raise Refusal(f"lora.rank is {lora.rank}, but {name} is {shape[0]} × {shape[1]}; at most {min(shape)}")


def attach(model, lora, precision):
    """Freezes the model and gives the targets of its layers adapters without values, on torch's meta device.

    With bf16 the weights of the layers are held in it: every pass would round them to it.
    """
    model.requires_grad_(False)
    for module in model.modules():
        if precision == "bf16" and isinstance(module, Linear):
            module.weight.data = module.weight.data.to(torch.bfloat16)
    for layer in model.model.layers:
        for block in (layer.self_attn, layer.mlp):
            for name, module in list(block.named_children()):
                if name in lora.targets:
                    setattr(block, name, _adapted(module, lora))


def _adapted(module, lora):
    rows, columns = module.weight.shape
    with torch.device("meta"):
        adapted = AdaptedLinear(rows, columns, module.bias is not None, lora)
    adapted.weight, adapted.bias = module.weight, module.bias
    return adapted


@torch.no_grad()
def initialise(model, seed, device):
    """A as a fresh linear layer, B zero: the model computes what it did."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in adapters_of(model).items():
        values = torch.zeros(tuple(parameter.shape))
        if name.endswith("lora_A.weight"):
            bound = 1 / math.sqrt(parameter.shape[1])
            values.uniform_(-bound, bound, generator=generator)
        if parameter.is_meta:
            owner = model.get_submodule(name.removesuffix(".weight"))
            owner.weight = torch.nn.Parameter(values.to(device))
        else:
            from .shards import first_row

            local = parameter.to_local()
            local.copy_(values[first_row(parameter) :][: len(local)])


def adapters_of(model):
    return {name: tensor for name, tensor in sorted(model.named_parameters()) if ".lora_" in name}


def gather(model):
    """The adapters, whole and on the CPU, in every process."""
    found = {}
    for name, tensor in adapters_of(model).items():
        tensor = tensor.detach()
        found[name] = (tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor).cpu()
    return found


def merged(adapters, lora, architecture, rows_of, group):
    """The entries of the model's weights with the adapters added, in fp32, each computed when it is written.

    rows_of(name): the weights of the start, exact, also where the model holds them in bf16. Each process has its share
    of the tensors.
    """

    def merge(name):
        weight, stem = rows_of(name), name.removesuffix(".weight")
        if f"{stem}.lora_A.weight" in adapters:
            a, b = adapters[f"{stem}.lora_A.weight"], adapters[f"{stem}.lora_B.weight"]
            weight = weight.addmm(b, a, alpha=lora.alpha / lora.rank)
        return 0, weight

    def entry(at, name):
        is_own = at % group.size == group.rank
        return Entry(tuple(architecture.tensors[name]), (merge(name) for _ in range(int(is_own))))

    return {name: entry(at, name) for at, name in enumerate(sorted(architecture.tensors))}


def write_adapter(folder, adapters, lora, group):
    """adapter_config.json and adapter_model.safetensors, as peft writes and reads them."""
    if group.rank == 0:
        folder.mkdir()
        config = {
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": lora.rank, "lora_alpha": lora.alpha, "lora_dropout": 0.0,
            "target_modules": sorted(lora.targets), "bias": "none", "fan_in_fan_out": False, "inference_mode": True,
            "base_model_name_or_path": None,
        }  # fmt: skip
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    group.wait()
    pieces = {f"base_model.model.{name}": whole(tensor) for name, tensor in adapters.items()}
    if group.rank != 0:
        pieces = {name: Entry(entry.shape) for name, entry in pieces.items()}
    write_tensors(folder / "adapter_model.safetensors", pieces, {"format": "pt"}, group)


def _is_target(name, lora):
    return name.rpartition(".")[2] in lora.targets
