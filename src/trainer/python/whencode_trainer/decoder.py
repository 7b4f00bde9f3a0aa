"""The decoder of the families in src/models/families, over packed rows: torch modules named as in the checkpoint.

transformers takes about 7 s to import, more than an iteration's training takes on a tiny model; these
architectures need a page. Every other architecture goes through transformers (see transformers_model.py).
"""

import torch
from torch import nn
from torch.nn.functional import embedding, linear, rms_norm, silu

from .progress import Refusal


class Linear(nn.Linear):
    """Without initial values: the weights come from a file."""

    def reset_parameters(self):
        pass

    def forward(self, x):
        return apply(x, self.weight, self.bias)


class Weight(nn.Module):
    """One tensor: the table of an embedding, or the gains of a norm."""

    def __init__(self, *shape):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))


class Norm(Weight):
    def __init__(self, size, epsilon):
        super().__init__(size)
        self.epsilon = epsilon

    def forward(self, x):
        return rms_norm(x, x.shape[-1:], self.weight, self.epsilon)


class Attention(nn.Module):
    def __init__(self, architecture, prefix):
        super().__init__()
        self.head_size = architecture.head_size
        for part in ("q_proj", "k_proj", "v_proj", "o_proj"):
            setattr(self, part, _linear(architecture, f"{prefix}.{part}"))
        is_normed = f"{prefix}.q_norm.weight" in architecture.tensors
        for part in ("q_norm", "k_norm"):
            setattr(self, part, Norm(self.head_size, architecture.norm_epsilon) if is_normed else None)

    def forward(self, x, cos, sin, layout, rows):
        q, k, v = (part(x).view(len(x), -1, self.head_size) for part in (self.q_proj, self.k_proj, self.v_proj))
        if self.q_norm is not None:
            q, k = self.q_norm(q), self.k_norm(k)
        attended = layout.attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        return self.o_proj(attended if rows is None else attended.index_select(0, rows))


class Mlp(nn.Module):
    def __init__(self, architecture, prefix):
        super().__init__()
        for part in ("gate_proj", "up_proj", "down_proj"):
            setattr(self, part, _linear(architecture, f"{prefix}.{part}"))

    def forward(self, x):
        return self.down_proj(silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """x [T, d] -> [T, d], or of the given rows only, which are then read as queries; all are keys and values."""

    def __init__(self, architecture, prefix):
        super().__init__()
        self.checkpointing = False
        size, epsilon = architecture.tensors[f"{prefix}.input_layernorm.weight"][0], architecture.norm_epsilon
        self.self_attn, self.mlp = Attention(architecture, f"{prefix}.self_attn"), Mlp(architecture, f"{prefix}.mlp")
        self.input_layernorm, self.post_attention_layernorm = Norm(size, epsilon), Norm(size, epsilon)

    def forward(self, *inputs):
        if not self.checkpointing:
            return self._compute(*inputs)
        from torch.utils.checkpoint import checkpoint

        # Inside the module, so that hooks on it (of a sharded model) run outside of the recomputation.
        return checkpoint(self._compute, *inputs, use_reentrant=False)

    def _compute(self, x, cos, sin, layout, rows):
        attended = self.self_attn(self.input_layernorm(x), cos, sin, layout, rows)
        x = (x if rows is None else x.index_select(0, rows)) + attended
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    """`weights`: by name, as in the checkpoint; absent: the parameters are on torch's meta device, without values."""

    def __init__(self, architecture, weights=None):
        super().__init__()
        self.architecture = architecture
        names, shapes = [f"model.layers.{at}" for at in range(architecture.layers)], architecture.tensors
        with torch.device("meta"):
            self.model = nn.ModuleDict({
                "embed_tokens": Weight(*shapes["model.embed_tokens.weight"]),
                "layers": nn.ModuleList(Layer(architecture, name) for name in names),
                "norm": Norm(*shapes["model.norm.weight"], architecture.norm_epsilon),
            })  # fmt: skip
            self.lm_head = None if architecture.tied_head else Weight(*shapes["lm_head.weight"])
        self._rope = {}
        if weights is not None:
            self.set_weights(weights)

    def set_weights(self, weights):
        """Takes the tensors as parameters; others of the checkpoint are ignored. Raises Refusal for a missing one."""
        check_complete(self.architecture.tensors, weights)
        self.load_state_dict({name: weights[name] for name in self.architecture.tensors}, assign=True)

    def trainable(self):
        """The parameters that learn, by name; in the order of the names, whatever the files' order."""
        return {name: tensor for name, tensor in sorted(self.named_parameters()) if tensor.requires_grad}

    @property
    def head(self):
        return (self.model.embed_tokens if self.lm_head is None else self.lm_head).weight

    @property
    def checkpointing(self):
        return any(layer.checkpointing for layer in self.model.layers)

    @checkpointing.setter
    def checkpointing(self, wanted):
        for layer in self.model.layers:
            layer.checkpointing = wanted

    def forward(self, ids, positions, layout, needed):
        """ids, positions [T], needed [R] rows -> their hidden states [R, d] after the last norm."""
        x = embedding(ids, self.model.embed_tokens.weight)
        cos, sin = self._rotation(positions)
        last = self.architecture.layers - 1
        for at, layer in enumerate(self.model.layers):
            x = layer(x, cos, sin, layout, needed if at == last else None)
        return self.model.norm(x)

    def _rotation(self, positions):
        """cos and sin [T, 1, d/2] in fp32."""
        device, architecture = positions.device, self.architecture
        if device not in self._rope:
            size = architecture.head_size
            steps = torch.arange(0, size, 2, dtype=torch.int64).float().to(device) / size
            divisors = torch.tensor(architecture.rope_divisors, device=device)
            self._rope[device] = 1.0 / (float(architecture.rope_theta) ** steps) / divisors
        angles = positions.float()[:, None] * self._rope[device]
        factor = architecture.attention_factor
        return angles.cos()[:, None] * factor, angles.sin()[:, None] * factor


def check_complete(wanted, found):
    """Raises Refusal where the weights that are wanted, by name, are not all found."""
    missing = [name for name in wanted if name not in found]
    if missing:
        raise Refusal(f"the checkpoint lacks {len(missing)} weights, e.g. {missing[0]}")


def _linear(architecture, name):
    rows, columns = architecture.tensors[f"{name}.weight"]
    return Linear(columns, rows, bias=f"{name}.bias" in architecture.tensors)


def apply(x, weight, bias=None):
    """x Wᵀ + b, also where the weight is held in bf16 and the rest of the pass is exact."""
    if weight.dtype != x.dtype and not torch.is_autocast_enabled(x.device.type):
        weight = weight.to(x.dtype)
    return linear(x, weight, bias if bias is None else bias.to(weight.dtype))


def rotate(x, cos, sin):
    """Rotary embedding, halves convention: x [T, heads, d], cos and sin [T, 1, d/2]."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1).to(x.dtype)
