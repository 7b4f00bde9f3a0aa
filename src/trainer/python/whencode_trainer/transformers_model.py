"""Other causal language models through transformers, with our packed attention instead of theirs."""

import torch

from .progress import Refusal


class TransformersModel(torch.nn.Module):
    def __init__(self, directory):
        super().__init__()
        from transformers import AttentionInterface, AttentionMaskInterface, AutoModelForCausalLM
        from transformers.utils import logging

        logging.disable_progress_bar()
        AttentionInterface.register("whencode_packed", self._attention)
        AttentionMaskInterface.register("whencode_packed", lambda *args, **kwargs: None)
        self.module = AutoModelForCausalLM.from_pretrained(
            directory, dtype=torch.float32, attn_implementation="whencode_packed"
        )
        for part in self.module.modules():
            if isinstance(part, torch.nn.Dropout):
                part.p = 0.0
        self.module.train()
        self._layout = None

    @property
    def head(self):
        return self.module.get_output_embeddings().weight

    @property
    def checkpointing(self):
        return self.module.is_gradient_checkpointing

    @checkpointing.setter
    def checkpointing(self, wanted):
        if wanted:
            self.module.gradient_checkpointing_enable({"use_reentrant": False})

    def trainable(self):
        return dict(self.module.named_parameters())

    def forward(self, ids, positions, layout, needed):
        self._layout = layout
        decoder = self.module.get_decoder()
        states = decoder(input_ids=ids[None], position_ids=positions[None], use_cache=False).last_hidden_state[0]
        return states.index_select(0, needed)

    def _attention(self, module, query, key, value, attention_mask, scaling=None, **kwargs):
        window, longest = kwargs.get("sliding_window"), max(length for _, length in self._layout.shapes)
        if window is not None and longest > window:
            raise Refusal(f"a path of {longest} tokens is longer than the model's attention window of {window}")
        if kwargs.get("softcap") is not None or kwargs.get("s_aux") is not None:
            raise Refusal("this model's attention (soft cap or sinks) is not covered by the trainer")
        states = (part[0].transpose(0, 1) for part in (query, key, value))
        mixed = self._layout.attend(*states, scale=scaling)
        return mixed.view(1, mixed.shape[0], query.shape[1], -1), None
