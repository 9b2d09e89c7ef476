"""A lifecycle node whose transitions report their errors and which can start itself."""

from collections.abc import Callable
from typing import Any

from lifecycle_msgs.srv import ChangeState
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from omnibind_ros.errors import OmnibindError


class ManagedNode(LifecycleNode):
    """Base of our nodes: `configure`, `activate`, `deactivate` and `cleanup` are to be overridden.

    rclpy swallows exceptions of lifecycle callbacks; here they are logged, and the transition fails. A request for a
    transition that is not possible now would end the process; here it is refused.
    """

    def __init__(self, name: str, **node_arguments: Any) -> None:
        super().__init__(name, **node_arguments)
        self._change_state = self._service_change_state.callback
        self._service_change_state.callback = self._change_state_if_possible

    def configure(self) -> None:
        """Load what does not need the sensors."""

    def activate(self) -> None:
        """Subscribe and work."""

    def deactivate(self) -> None:
        """Undo `activate`."""

    def cleanup(self) -> None:
        """Undo `configure`."""

    def start(self) -> None:
        """Configure and activate without a lifecycle manager."""
        if self.trigger_configure() is TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle callback."""
        return self._attempt("configure", self.configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle callback."""
        done = self._attempt("activate", self.activate)
        if done is TransitionCallbackReturn.SUCCESS:
            return super().on_activate(state)
        self._attempt("undo the activation", self.deactivate)
        return done

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle callback."""
        done = self._attempt("deactivate", self.deactivate)
        return super().on_deactivate(state) if done is TransitionCallbackReturn.SUCCESS else done

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle callback."""
        return self._attempt("clean up", self.cleanup)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle callback."""
        return self._attempt("shut down", self._release_all)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle callback: back to unconfigured, from where a manager can try again."""
        return self._attempt("recover", self._release_all)

    def destroy_node(self) -> None:
        """Release everything, whatever state the node is in."""
        self._attempt("shut down", self._release_all)
        super().destroy_node()

    def _change_state_if_possible(self, request: ChangeState.Request, response: ChangeState.Response) -> Any:
        try:
            return self._change_state(request, response)
        except RuntimeError as error:  # rclpy's RCLError
            self.get_logger().error(f"the transition was refused: {error}")
            response.success = False
            return response

    def _release_all(self) -> None:
        self.deactivate()
        self.cleanup()

    def _attempt(self, what: str, action: Callable[[], None]) -> TransitionCallbackReturn:
        try:
            action()
        except OmnibindError as error:
            if self.context.ok():  # else the process was told to end while it was starting
                self.get_logger().error(f"cannot {what}: {error}")
            return TransitionCallbackReturn.FAILURE
        except Exception as error:  # a bug of ours or of rclpy: rclpy would swallow it
            if self.context.ok():
                self.get_logger().fatal(f"cannot {what}: {type(error).__name__}: {error}")
            return TransitionCallbackReturn.ERROR
        return TransitionCallbackReturn.SUCCESS
