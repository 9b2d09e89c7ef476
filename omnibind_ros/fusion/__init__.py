"""Which sources are live, and their embeddings made one."""
