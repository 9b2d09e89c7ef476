"""The chaos suite: drivers and nodes are killed, lie and starve on real DDS, and the robot must go on recognising.

Run it with `make chaos` (seven minutes) or `make chaos-full` (half an hour, writes the table of docs/reliability.md).
"""
