"""The conditions of every measurement: one core, and memory kept as the nodes keep it."""

import cv2

from omnibind_ros.memory import keep_freed_memory


def settle() -> None:
    """Without kept memory, large arrays cost page faults, of which a virtual machine charges the process only some."""
    cv2.setNumThreads(1)
    keep_freed_memory()
