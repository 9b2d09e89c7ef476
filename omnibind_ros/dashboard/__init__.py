"""What people see of a running robot: the dashboard's page and server, small pictures, the overlay. Without ROS."""
