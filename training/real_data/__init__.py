"""Projectors behind frozen pretrained backbones on real recordings: whether binding works on what sensors record."""
