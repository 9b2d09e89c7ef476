"""Model inputs to embeddings: the bundle, its encoders, and the backends that run them."""
