"""Writes the tables of the documentation from the code: `python -m documentation`, or `make docs`."""
