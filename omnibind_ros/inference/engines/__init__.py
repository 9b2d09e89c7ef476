"""Encoders compiled by TensorRT for the GPU of this computer: built, kept, and run."""
