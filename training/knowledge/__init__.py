"""The knowledge base (UniBind, section 3.1): language models describe labels and recordings in a table of sentences."""
