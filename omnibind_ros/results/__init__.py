"""Results to ROS messages, the last step of the flow: embeddings, recognitions, the state of the sources."""
