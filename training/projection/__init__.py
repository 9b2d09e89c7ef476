"""Projectors on cached embeddings, the pairs they learn from, new modalities for a bundle, and label centres."""
