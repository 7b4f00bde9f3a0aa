"""The Llama family's decoder (Llama, SmolLM2, Qwen2) over packed rows.

transformers takes about 7 s to import, more than an iteration's training takes on a tiny model; these
architectures need a page. Every other architecture goes through transformers (see transformers_model.py).
"""

import torch
from torch.nn.functional import embedding, linear, rms_norm, silu

from .progress import Refusal

MODEL_TYPES = ("llama", "qwen2")


def is_covered(config):
    """True if this decoder computes the model exactly; anything unusual is left to transformers."""
    rope = rope_parameters(config)
    return (
        config.get("model_type") in MODEL_TYPES
        and config.get("hidden_act", "silu") == "silu"
        and not config.get("mlp_bias", False)
        and not config.get("use_sliding_window", False)
        and rope.get("rope_type", rope.get("type", "default")) == "default"
        and float(config.get("partial_rotary_factor", 1)) == 1
        and float(config.get("pretraining_tp", 1)) == 1
    )


def rope_parameters(config):
    """`rope_parameters` as transformers 5 writes it, or the older `rope_scaling` and `rope_theta`."""
    found = dict(config.get("rope_parameters") or config.get("rope_scaling") or {})
    found.setdefault("rope_theta", config.get("rope_theta", 10_000.0))
    return found


def head_size(config):
    return config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]


class Decoder:
    """Weights by their names in the checkpoint, leaf tensors that the optimizer may lay out anew."""

    def __init__(self, config, weights):
        self.config, self.weights = config, weights
        self.checkpointing = False
        self._rope = {}
        missing = [name for name in expected_names(config) if name not in weights]
        if missing:
            raise Refusal(f"the checkpoint lacks {len(missing)} weights, e.g. {missing[0]}")

    @property
    def head(self):
        tied = self.config.get("tie_word_embeddings", False) or "lm_head.weight" not in self.weights
        return self.weights["model.embed_tokens.weight" if tied else "lm_head.weight"]

    def trainable(self):
        """Names and tensors; a tied head stored as a copy is no weight of its own."""
        skip = "lm_head.weight" if self.config.get("tie_word_embeddings", False) else None
        return {name: tensor for name, tensor in self.weights.items() if name != skip}

    def hidden(self, ids, positions, layout):
        """ids, positions [T] -> hidden states [T, d] after the last norm."""
        x = embedding(ids, self.weights["model.embed_tokens.weight"])
        cos, sin = self._rotation(positions)
        for at in range(self.config["num_hidden_layers"]):
            if self.checkpointing:
                from torch.utils.checkpoint import checkpoint

                x = checkpoint(self._layer, at, x, cos, sin, layout, use_reentrant=False)
            else:
                x = self._layer(at, x, cos, sin, layout)
        return self._norm(x, "model.norm")

    def _layer(self, at, x, cos, sin, layout):
        name, size = f"model.layers.{at}", head_size(self.config)
        normed = self._norm(x, f"{name}.input_layernorm")
        q, k, v = (
            self._linear(normed, f"{name}.self_attn.{part}_proj").view(len(x), -1, size) for part in ("q", "k", "v")
        )
        attended = layout.attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        x = x + self._linear(attended, f"{name}.self_attn.o_proj")
        normed = self._norm(x, f"{name}.post_attention_layernorm")
        gated = silu(self._linear(normed, f"{name}.mlp.gate_proj")) * self._linear(normed, f"{name}.mlp.up_proj")
        return x + self._linear(gated, f"{name}.mlp.down_proj")

    def _linear(self, x, name):
        return linear(x, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias"))

    def _norm(self, x, name):
        return rms_norm(x, x.shape[-1:], self.weights[f"{name}.weight"], self.config.get("rms_norm_eps", 1e-6))

    def _rotation(self, positions):
        size = head_size(self.config)
        device = positions.device
        if device not in self._rope:
            steps = torch.arange(0, size, 2, dtype=torch.int64).float().to(device) / size
            self._rope[device] = 1.0 / (float(rope_parameters(self.config)["rope_theta"]) ** steps)
        angles = positions.float()[:, None] * self._rope[device]
        return angles.cos()[:, None], angles.sin()[:, None]


def rotate(x, cos, sin):
    """Rotary embedding, halves convention: x [T, heads, d], cos and sin [T, 1, d/2]."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1).to(x.dtype)


def expected_names(config):
    names = ["model.embed_tokens.weight", "model.norm.weight"]
    biased = ("q", "k", "v") if config.get("model_type") == "qwen2" else ("q", "k", "v", "o")
    has_bias = config.get("model_type") == "qwen2" or config.get("attention_bias", False)
    for at in range(config["num_hidden_layers"]):
        name = f"model.layers.{at}"
        names += [f"{name}.self_attn.{part}_proj.weight" for part in ("q", "k", "v", "o")]
        names += [f"{name}.self_attn.{part}_proj.bias" for part in biased if has_bias]
        names += [f"{name}.mlp.{part}_proj.weight" for part in ("gate", "up", "down")]
        names += [f"{name}.{part}_layernorm.weight" for part in ("input", "post_attention")]
    if not config.get("tie_word_embeddings", False):
        names.append("lm_head.weight")
    return names
