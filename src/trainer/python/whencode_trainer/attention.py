"""Causal attention over packed rows: linear layers see each distinct token once, attention sees whole paths."""

import torch
from torch.nn.functional import scaled_dot_product_attention


class Layout:
    """A pass's paths on the device; a decoder only needs `attend`."""

    def __init__(self, packed, device):
        self.shapes = [bucket.shape for bucket in packed.buckets]
        self.buckets = [torch.from_numpy(bucket.reshape(-1)).to(device) for bucket in packed.buckets]
        self.attended = torch.from_numpy(packed.attended).to(device)

    def attend(self, q, k, v, scale=None):
        """q [T, heads, d], k and v [T, key heads, d] -> [T, heads * d].

        Padding is at the right of a path, after every real token, so the causal mask alone hides it.
        """
        groups = q.shape[1] // k.shape[1]
        outputs = []
        for (paths, length), rows in zip(self.shapes, self.buckets, strict=True):
            q_paths, k_paths, v_paths = (
                states.index_select(0, rows).view(paths, length, -1, states.shape[-1]).transpose(1, 2)
                for states in (q, k, v)
            )
            if groups > 1:
                k_paths, v_paths = (states.repeat_interleave(groups, dim=1) for states in (k_paths, v_paths))
            mixed = scaled_dot_product_attention(q_paths, k_paths, v_paths, is_causal=True, scale=scale)
            outputs.append(mixed.transpose(1, 2).reshape(paths * length, -1))
        together = outputs[0] if len(outputs) == 1 else torch.cat(outputs)
        return together.index_select(0, self.attended)
