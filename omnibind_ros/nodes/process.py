"""What every executable does around its node: memory settings, spinning, and a clean end."""

import signal
import sys
from collections.abc import Callable
from contextlib import suppress

import rclpy
from rclpy.clock import Clock, ClockType  # type: ignore[attr-defined]  # there in every ROS
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.utilities import ok, try_shutdown

from omnibind_ros.errors import OmnibindError
from omnibind_ros.memory import keep_freed_memory

LOOK_S = 0.5


def run(make_node: Callable[[], Node], arguments: list[str] | None) -> None:
    """Spin a node until the process is told to end; Ctrl-C twice, as `ros2 launch` sends it, is no error.

    A node whose parameters make no sense ends the process with one line and exit status 1.
    """
    keep_freed_memory()
    # On Ctrl-C rclpy ends the context and the spinning; a KeyboardInterrupt on top of it would strike anywhere.
    signal.signal(signal.SIGINT, lambda *_: None)
    # What rclpy had half made when a signal ended the context complains when it is thrown away; nobody can act on that.
    sys.unraisablehook = lambda complaint: sys.__unraisablehook__(complaint) if ok() else None
    rclpy.init(args=arguments)
    node = None
    failed = False
    try:
        node = make_node()
        spin(node)
    except OmnibindError as error:
        get_logger("omnibind_ros").fatal(str(error))
        failed = True
    except Exception:
        # The context can end in the middle of a callback, which then fails on it.
        if ok():
            raise
    finally:
        if node is not None:
            node.destroy_node()
        try_shutdown()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the interpreter takes its own time to end
    if failed:
        sys.exit(1)


def spin(node: Node) -> None:
    """Spin a node until its context ends."""
    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    # On a signal rclpy wakes the executor first and ends the context after that. An executor that is quicker finds it
    # in order and would sleep on, for ever where nothing else happens: it must look again by itself.
    node.create_timer(LOOK_S, lambda: None, clock=Clock(clock_type=ClockType.STEADY_TIME))
    with suppress(ExternalShutdownException):
        executor.spin()
