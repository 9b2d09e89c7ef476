"""Fusion heads: any number of embeddings of any modalities to one."""
