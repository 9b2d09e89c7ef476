"""The whole way from message to result without ROS: what nodes, replay and training have in common."""
