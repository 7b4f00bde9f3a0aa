"""Name conversion: the job file and the training set use TypeScript's camelCase, this package snake_case."""

import re


def snake_case(name):
    """`microBatchTokens` to `micro_batch_tokens`."""
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def camel_case(name):
    """`micro_batch_tokens` to `microBatchTokens`, the name in the campaign file."""
    return re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name)
