"""Data larger than memory, in shards: recordings, their embeddings by several processes or hosts, and training."""
