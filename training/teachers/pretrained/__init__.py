"""Networks that somebody else trained: where they come from, and how they become encoders of the robot."""
