"""A fused embedding to labels, calibrated scores and abstention."""
