"""ROS messages to arrays, the first step of the flow; one file a kind, no rclpy."""
