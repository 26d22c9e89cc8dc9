"""Saved models: writing them, computing their digests, and checking whether one may be loaded."""
