"""Arrays to model inputs, one file a modality; training uses the very same functions."""
