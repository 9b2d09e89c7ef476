"""Calibration, and everything that is measured on held-out data."""
