"""The test rig: programs of the package as processes on a ROS domain of their own, and an ear on what they publish."""
