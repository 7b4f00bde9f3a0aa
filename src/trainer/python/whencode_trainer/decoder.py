"""The decoder of the families in src/models/families, over packed rows.

transformers takes about 7 s to import, more than an iteration's training takes on a tiny model; these
architectures need a page. Every other architecture goes through transformers (see transformers_model.py).
"""

import torch
from torch.nn.functional import embedding, linear, rms_norm, silu

from .progress import Refusal

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"


class Decoder:
    """Weights by their names in the checkpoint: leaf tensors that the optimizer may lay out again."""

    def __init__(self, architecture, weights):
        self.architecture, self.weights = architecture, weights
        self.checkpointing = False
        self._rope = {}
        missing = [name for name in architecture.tensors if name not in weights]
        if missing:
            raise Refusal(f"the checkpoint lacks {len(missing)} weights, e.g. {missing[0]}")

    @property
    def head(self):
        return self.weights[EMBEDDING if self.architecture.tied_head else HEAD]

    def trainable(self):
        """Names and tensors."""
        return {name: tensor for name, tensor in self.weights.items() if name in self.architecture.tensors}

    def hidden(self, ids, positions, layout, needed):
        """ids, positions [T], needed [R] rows -> their hidden states [R, d] after the last norm."""
        x = embedding(ids, self.weights[EMBEDDING])
        cos, sin = self._rotation(positions)
        last = self.architecture.layers - 1
        for at in range(last + 1):
            # Other rows of the last layer are read as keys and values only.
            rows = needed if at == last else None
            if self.checkpointing:
                from torch.utils.checkpoint import checkpoint

                x = checkpoint(self._layer, at, x, cos, sin, layout, rows, use_reentrant=False)
            else:
                x = self._layer(at, x, cos, sin, layout, rows)
        return self._norm(x, "model.norm")

    def _layer(self, at, x, cos, sin, layout, rows):
        name, size = f"model.layers.{at}", self.architecture.head_size
        normed = self._norm(x, f"{name}.input_layernorm")
        q, k, v = (
            self._linear(normed, f"{name}.self_attn.{part}_proj").view(len(x), -1, size) for part in ("q", "k", "v")
        )
        q, k = (self._norm_heads(states, f"{name}.self_attn.{part}_norm") for part, states in (("q", q), ("k", k)))
        attended = layout.attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        if rows is not None:
            x, attended = x.index_select(0, rows), attended.index_select(0, rows)
        x = x + self._linear(attended, f"{name}.self_attn.o_proj")
        normed = self._norm(x, f"{name}.post_attention_layernorm")
        gated = silu(self._linear(normed, f"{name}.mlp.gate_proj")) * self._linear(normed, f"{name}.mlp.up_proj")
        return x + self._linear(gated, f"{name}.mlp.down_proj")

    def _linear(self, x, name):
        return linear(x, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias"))

    def _norm(self, x, name):
        return rms_norm(x, x.shape[-1:], self.weights[f"{name}.weight"], self.architecture.norm_epsilon)

    def _norm_heads(self, x, name):
        return self._norm(x, name) if f"{name}.weight" in self.weights else x

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


def rotate(x, cos, sin):
    """Rotary embedding, halves convention: x [T, heads, d], cos and sin [T, 1, d/2]."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1).to(x.dtype)
