"""The scenarios, one file a family; `ALL` is the suite."""

from chaos.scenario import Scenario
from chaos.scenarios import (
    changing_type,
    clocks,
    failing_encoder,
    flapping,
    full_disk,
    killed,
    malformed_messages,
    overload,
    quality_of_service,
    recorded,
)

ALL: tuple[Scenario, ...] = (
    *killed.SCENARIOS,
    *flapping.SCENARIOS,
    *changing_type.SCENARIOS,
    *quality_of_service.SCENARIOS,
    *full_disk.SCENARIOS,
    *failing_encoder.SCENARIOS,
    *clocks.SCENARIOS,
    *malformed_messages.SCENARIOS,
    *overload.SCENARIOS,
    *recorded.SCENARIOS,
)
