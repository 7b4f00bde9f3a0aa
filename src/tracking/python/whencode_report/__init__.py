"""Writes the figures of campaigns to experiment trackers by their own libraries."""
