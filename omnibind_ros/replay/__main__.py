"""`python -m omnibind_ros.replay BAG`."""

from omnibind_ros.replay.command import main

if __name__ == "__main__":
    main()
