"""Trains a causal language model on a Whencode training set: one job file in, a Hugging Face folder out."""
