"""A managed node of two halves: its life, its worker, its bundle and its parameters."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rcl_interfaces.msg import SetParametersResult
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.parameter import Parameter
from rclpy.task import Future
from rclpy.timer import Timer
from std_srvs.srv import Trigger

from omnibind_ros.errors import ConfigurationError, OmnibindError
from omnibind_ros.inference.bundle import Bundle, load_bundle, read_description
from omnibind_ros.nodes.backends import Backends
from omnibind_ros.nodes.journal import Journal
from omnibind_ros.nodes.loader import Loader
from omnibind_ros.nodes.managed_node import ManagedNode
from omnibind_ros.nodes.parameters import declare, value
from omnibind_ros.nodes.stages import Output, Supply
from omnibind_ros.nodes.worker import Worker
from omnibind_ros.pipeline.parameters import ParameterSpec
from omnibind_ros.pipeline.resources import bundle_folder

POLL_S = 0.25
# What a change of these needs is loaded beside what runs, and put to use between two rounds of the worker.
_LOADED = ("bundle", "labels")


class PipelineNode(ManagedNode, ABC):
    """Wires a supply of embeddings to what becomes of them: callbacks only store, one worker does the rest.

    A subclass makes the two halves in `make_stages`.
    """

    def __init__(self, name: str, specs: Sequence[ParameterSpec], **node_arguments: Any) -> None:
        super().__init__(name, **node_arguments)
        self._specs = specs
        declare(self, specs)
        self.journal = Journal(self.get_logger())
        self.backends = Backends(self, self.wake)
        self._supply, self._output = self.make_stages()
        self._loader = Loader(self)
        self._bundle: Bundle | None = None
        self._in_use: dict[str, Any] = {}
        self._requested: dict[str, Any] = {}
        self._worker: Worker | None = None
        self._poll_timer: Timer | None = None
        self._changing_parameters = False
        self.add_on_set_parameters_callback(self._judge_parameters)
        self.add_post_set_parameters_callback(self._parameters_changed)
        # While its answer is awaited, a callback occupies its group; nothing else may be in that.
        self.create_service(Trigger, "~/reload_bundle", self._reload_bundle, callback_group=ReentrantCallbackGroup())
        if value(self, "autostart"):
            self.start()

    @abstractmethod
    def make_stages(self) -> tuple[Supply, Output]:
        """The two halves."""

    def wake(self) -> None:
        """There is something to do for the worker."""
        if self._worker is not None:
            self._worker.wake()

    def configure(self) -> None:
        """Load and check the bundle, and set up both halves. Raises BundleError, BackendError, ConfigurationError."""
        self._check_choices({spec.name: value(self, spec.name) for spec in self._specs})
        self.backends.find()
        self._requested = self._wish()
        with self._own_changes():
            self._load(self._requested, None)()
        if self._bundle is not None:
            count = len(self._requested.get("labels") or self._bundle.description.labels.names)
            reports = self._supply.reports(self.get_clock().now().nanoseconds)
            sources = ", ".join(f"{report.source} ({report.modality})" for report in reports)
            self.get_logger().info(f"bundle {self._bundle.name} with {count} labels; sources: {sources or 'none'}")

    def activate(self) -> None:
        """Subscribe, publish, and start working."""
        with self._own_changes():
            self._output.open()
            self._supply.open()
        self._worker = Worker(self._step, self.journal.tell_once)
        self._worker.start()
        self._poll_timer = self.create_timer(POLL_S, self._poll)

    def deactivate(self) -> None:
        """Stop working and give every topic back."""
        if self._poll_timer is not None:
            self.destroy_timer(self._poll_timer)
            self._poll_timer = None
        if self._worker is not None:
            self._worker.stop()
            self._worker = None
        self._supply.close()
        self._output.close()

    def cleanup(self) -> None:
        """Release the bundle and every inference session; end what is being built."""
        self._loader.close()
        self._supply.release()
        self._output.release()
        self.backends.close()
        self._bundle = None
        self._in_use = {}

    def _step(self) -> float:
        now_ns = self.get_clock().now().nanoseconds
        step = self._supply.step(now_ns, wanted=self._output.wanted, due=self._output.due)
        for error in step.errors:
            self.journal.tell_once(error)
        for transition in step.transitions:
            self.journal.tell_transition(transition)
        return self._output.step(step, self._supply, now_ns)

    def _poll(self) -> None:
        with self._own_changes():
            self._supply.poll()
            self._output.poll()

    @contextmanager
    def _own_changes(self) -> Iterator[None]:
        """While parameters are declared or put back here, no callback is to react."""
        before, self._changing_parameters = self._changing_parameters, True
        try:
            yield
        finally:
            self._changing_parameters = before

    def _wish(self) -> dict[str, Any]:
        return {name: value(self, name) for name in _LOADED if self.has_parameter(name)}

    def _load(self, wish: Mapping[str, Any], bundle: Bundle | None) -> Callable[[], None]:
        """Load what was wished for; what is returned puts it to use. A given bundle is not read again."""
        loaded = bundle or load_bundle(bundle_folder(wish["bundle"]))
        try:
            adoptions = [self._output.prepare(loaded)]
            if loaded is not self._bundle:
                adoptions.append(self._supply.prepare(loaded))
        except BaseException:
            if bundle is None:
                self.backends.drop(loaded)
            raise

        def adopt() -> None:
            for one in adoptions:
                one()
            before, self._bundle, self._in_use = self._bundle, loaded, dict(wish)
            if before is not None and before is not loaded:
                self.backends.drop(before)

        return adopt

    def _request(self, bundle: Bundle | None, done: Callable[[Exception | None], None]) -> None:
        """Load what the parameters ask for beside what runs, and put it to use between two rounds."""
        wish = self._requested = self._wish()

        def loaded(adopt: Callable[[], None] | None, error: Exception | None) -> None:
            if adopt is None:
                done(error)
            elif self._worker is None:
                adopt()
                done(None)
            else:
                self._worker.call(adopt)
                self._worker.call(lambda: done(None))

        self._loader.submit(lambda: self._load(wish, bundle), loaded)

    def _judge_parameters(self, parameters: list[Parameter]) -> SetParametersResult:
        if self._changing_parameters or not all(self.has_parameter(parameter.name) for parameter in parameters):
            return SetParametersResult(successful=True)  # they are only being declared
        try:
            self._check({parameter.name: parameter.value for parameter in parameters})
        except OmnibindError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _check(self, proposed: Mapping[str, Any]) -> None:
        self._check_choices(proposed)
        if "bundle" in proposed:
            read_description(bundle_folder(proposed["bundle"]))
        self._supply.check(proposed)
        self._output.check(proposed)

    def _check_choices(self, proposed: Mapping[str, Any]) -> None:
        for spec in self._specs:
            if spec.choices and proposed.get(spec.name, spec.default) not in spec.choices:
                raise ConfigurationError(
                    f"{spec.name} cannot be {proposed[spec.name]!r}", remedy=f"use one of {', '.join(spec.choices)}"
                )

    def _parameters_changed(self, parameters: list[Parameter]) -> None:
        if self._changing_parameters:
            return
        with self._own_changes():
            self._supply.parameters_changed()
        if self._bundle is not None and self._wish() != self._requested:
            same_bundle = self._wish()["bundle"] == self._in_use["bundle"]
            self._request(self._bundle if same_bundle else None, self._changed)

    def _changed(self, error: Exception | None) -> None:
        """What a change of parameters has come to; what cannot be used is put back."""
        if error is None:
            self.get_logger().info(f"now in use: {', '.join(f'{name} {what}' for name, what in self._in_use.items())}")
            return
        self.get_logger().error(f"everything stays as it was: {error}")
        self._requested = dict(self._in_use)
        with self._own_changes():
            self.set_parameters([_parameter(name, what) for name, what in self._in_use.items()])

    async def _reload_bundle(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        """Read the bundle's folder again, for one that was replaced in place."""
        if self._bundle is None:
            response.message = "no bundle is loaded: configure the node first"
            return response
        outcome: Future = Future()
        self._request(None, outcome.set_result)
        error = await outcome
        response.success = error is None
        response.message = str(error) if error else f"{self._bundle.name} was loaded again"
        if error is not None:
            self.get_logger().error(f"everything stays as it was: {error}")
        return response


def _parameter(name: str, what: Any) -> Parameter:
    kind = Parameter.Type.STRING if isinstance(what, str) else Parameter.Type.STRING_ARRAY
    return Parameter(name, kind, what if isinstance(what, str) else list(what))
