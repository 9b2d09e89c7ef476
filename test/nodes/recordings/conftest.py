"""One perception node for all recordings, with a source for every kind of message they are sent as."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from every_modality import write_bundle_of_every_modality

if TYPE_CHECKING:
    from perception_process import Robot

# Streams are sent faster than they were recorded, with stamps that end now.
STREAM = {"max_clock_offset": 60.0}


@pytest.fixture(scope="session")
def robot(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Robot"]:
    from perception_process import perception  # noqa: PLC0415 (only with ROS)

    folder = tmp_path_factory.mktemp("robot")
    sources = {
        "camera": {"modality": "image"},
        "camera_compressed": {"modality": "image"},
        "thermal": {"modality": "thermal"},
        "thermal_counts": {"modality": "thermal"},
        "finger": {
            "modality": "touch",
            "reference": str(recordings / "tactile" / "vt60" / "touch_baseline.jpg"),
            "ttl": 5.0,
        },
        "finger_compressed": {"modality": "touch"},
        "gel": {"modality": "touch"},
        "microphone": {"modality": "audio", **STREAM},
        "telephone": {"modality": "audio", "sample_rate": 8000, **STREAM},
        "headset": {"modality": "audio", "sample_rate": 44100},
        "headset_stereo": {"modality": "audio", "sample_rate": 44100, "channels": 2},
        "event_bag": {"modality": "event"},
        "event_raw": {"modality": "event"},
        "event_digits": {"modality": "event"},
        "event_unknown": {"modality": "event"},
        "prompt": {"modality": "text"},
    }
    with perception(folder, write_bundle_of_every_modality(folder / "bundle"), sources) as robot:
        yield robot
