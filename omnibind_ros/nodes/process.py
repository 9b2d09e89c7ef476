"""What every executable does around its node: memory settings, spinning, and a clean end."""

import signal
import sys
from collections.abc import Callable

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.utilities import ok, try_shutdown

from omnibind_ros.errors import OmnibindError
from omnibind_ros.memory import keep_freed_memory


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
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        executor.spin()
    except ExternalShutdownException:
        pass
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
