"""Encoders in lower precision: converted, compared with the original, and refused where they are too far from it."""
