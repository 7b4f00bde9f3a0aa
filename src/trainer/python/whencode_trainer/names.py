"""Name conversion: the job file and the training set use TypeScript's camelCase, this package snake_case."""

import re


def snake_case(name):
    """`tokensPerPass` to `tokens_per_pass`."""
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def camel_case(name):
    """`tokens_per_pass` to `tokensPerPass`, the name in the campaign file."""
    return re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name)
