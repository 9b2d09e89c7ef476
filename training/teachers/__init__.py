"""Frozen teachers, and the texts that stand for the labels."""
