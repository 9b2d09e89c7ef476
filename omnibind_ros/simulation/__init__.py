"""A procedural world of objects that every sensor sees, for demos, training and tests."""
