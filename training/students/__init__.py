"""The small encoders a robot runs."""
