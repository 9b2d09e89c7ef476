"""The pipeline over recorded bags, without ROS: results as files and a report."""
