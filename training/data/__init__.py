"""Samples on disk: where they come from, how modalities are matched, which split they belong to."""
