"""Networks as ONNX files, and the bundle a robot loads."""
