"""What is wrong with this robot and what to do about it, and what it has loaded; without ROS."""
