"""What the robot has seen: a bounded store, its file, questions in words and by sensor, and the search for answers."""
