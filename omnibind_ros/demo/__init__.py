"""What the demo shows: a live table, a picture of the run, and its figures. Pure, without ROS."""
