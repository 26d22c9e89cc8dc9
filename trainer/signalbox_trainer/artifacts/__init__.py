"""Saved models: writing them, their digests, and whether one may be loaded."""
