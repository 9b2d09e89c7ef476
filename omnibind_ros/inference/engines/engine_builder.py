"""Builds the engine of a network, once: one builder at a time, and never twice the same."""

import time
from collections.abc import Callable

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.engines.build_progress import BuildProgress, BuildState
from omnibind_ros.inference.engines.engine_cache import EngineCache
from omnibind_ros.inference.engines.engine_key import engine_key
from omnibind_ros.inference.engines.gpu import Gpu
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import Network
from omnibind_ros.inference.engines.tensorrt_builder import Plan, compile_network

Report = Callable[[BuildProgress], None]
Check = Callable[[Network, bytes], None]
Compile = Callable[[Library, Network, bytes, Callable[[float], None]], Plan]


def build_engine(
    network: Network,
    library: Library,
    gpu: Gpu,
    cache: EngineCache,
    report: Report,
    *,
    check: Check,
    compile_network: Compile = compile_network,
    clock: Callable[[], float] = time.time,
) -> bool:
    """Make sure that the engine is in the cache; whether it is then. It takes minutes where it is not there yet.

    check: raises BackendError for an engine that does not do what it should, given the network and the plan. report:
    called with every step, the last of which says `READY` or `FAILED`, from threads of the library too. A network that
    cannot be compiled, an engine that is not as it should be and a cache that cannot be written are reported, not
    raised.
    """
    key = engine_key(network, library, gpu)

    def tell(state: BuildState, share: float = 0.0) -> None:
        report(BuildProgress(network.name, state, share))

    try:
        if cache.plan(key) is None:
            with cache.building(lambda: tell(BuildState.WAITING)):
                if cache.plan(key) is None:  # else the other builder has built it meanwhile
                    tell(BuildState.BUILDING)
                    plan = compile_network(
                        library, network, cache.timings(key), lambda share: tell(BuildState.BUILDING, share)
                    )
                    check(network, plan.content)
                    cache.keep_plan(key, plan.content)
                    if plan.timing_cache:
                        cache.keep_timings(key, plan.timing_cache)
                    cache.prune(clock())
    except BackendError as error:
        report(BuildProgress(network.name, BuildState.FAILED, problem=str(error)))
        return False
    tell(BuildState.READY, 1.0)
    return True
