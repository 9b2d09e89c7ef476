"""Sensors for benchmarks: `python -m benchmarks.driver camera=front/image_raw lidar=points --rate camera=60`.

Messages are made beforehand, so that this program costs little. When it is told to end it writes how many it has sent
and how much later than due, as a line of JSON.
"""

import argparse
import heapq
import json
import signal
import threading
import time

import rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from rclpy.signals import SignalHandlerOptions

from benchmarks.feeds import FEEDS

READY = "ready"


def main(arguments: list[str] | None = None) -> None:
    """Publish until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.driver", description=__doc__)
    parser.add_argument("feeds", nargs="+", metavar="feed=topic", help=f"feeds: {', '.join(FEEDS)}")
    parser.add_argument("--rate", action="append", default=[], metavar="feed=hz", help="instead of the feed's own")
    parser.add_argument("--reliable", action="store_true", help="publish reliably, ten deep; best effort otherwise")
    options = parser.parse_args(arguments)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    topics = dict(word.split("=") for word in options.feeds)
    rates = {name: float(hertz) for name, hertz in (word.split("=") for word in options.rate)}
    feeds = {name: FEEDS[name]() for name in topics}
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node("driver_" + "_".join(topics))
    quality = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE) if options.reliable else None
    publishers = {
        name: node.create_publisher(feed.message_type, topics[name], quality or qos_profile_sensor_data)
        for name, feed in feeds.items()
    }
    print(READY, flush=True)
    sent, latest_s = dict.fromkeys(feeds, 0), 0.0
    started_s = time.monotonic()
    due = [(started_s, name) for name in feeds]
    while not stopping.is_set():
        due_s, name = due[0]
        wait_s = due_s - time.monotonic()
        if wait_s > 0:
            stopping.wait(wait_s)
            continue
        publishers[name].publish(feeds[name].message(sent[name], time.time_ns()))
        sent[name] += 1
        period_s = 1 / rates.get(name, feeds[name].rate_hz)
        latest_s = max(latest_s, -wait_s)
        # What could not be sent in time is left out, as by a driver on a busy computer.
        heapq.heapreplace(due, (max(due_s + period_s, time.monotonic() - period_s), name))
    seconds = time.monotonic() - started_s
    print(json.dumps({"sent": sent, "seconds": seconds, "latest_s": latest_s}), flush=True)
    node.destroy_node()
    rclpy.shutdown()


if __name__ == "__main__":
    main()
