"""A robot's memory made ahead of time, from recordings and from bags."""
