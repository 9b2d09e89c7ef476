"""The ROS 2 nodes; the only folder that imports rclpy."""

import os

# Before NumPy is loaded: its matrices are too small here to be shared among threads, and threads that wait for each
# other take the cores of the rest of the robot.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
