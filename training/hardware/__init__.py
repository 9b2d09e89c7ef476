"""Students for a given board: what they cost there, which sizes and precisions fit a budget, and their bundle."""
