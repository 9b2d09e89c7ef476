"""Training of the bundle: simulate, teach, distil, fuse, calibrate, evaluate, export. Needs PyTorch; robots do not."""
