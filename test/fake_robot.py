"""A robot for the dashboard's server that does what a test says."""

import time
from collections.abc import Sequence

import cv2
import numpy as np

from omnibind_ros.dashboard.score_history import ScoreHistory
from omnibind_ros.dashboard.view import Answer, Labels, Picture, Snapshot, SourceView
from omnibind_ros.errors import ControlError, MessageError


def source(name: str, modality: str, **changes: object) -> SourceView:
    fields = {
        "topic": f"{name}/data", "state": "live", "reason": "data is arriving", "rate_hz": 30.0, "age_s": 0.02,
        "latency_ms": 8.0, "quality": 0.9, "weight": 0.5, "label": "mug", "score": 0.8,
    }  # fmt: skip
    return SourceView(name=name, modality=modality, **{**fields, **changes})  # type: ignore[arg-type]


class FakeRobot:
    """Recognises a mug; everything it was asked for is in `commands`."""

    def __init__(self) -> None:
        self.commands: list[tuple[object, ...]] = []
        self.browsers = 0
        self.present = True
        self.refuses = ""
        self.labels_in_use: Sequence[str] = ("mug", "cup")
        self.sources = [source("camera", "image"), source("prompt", "text", state="stale", reason="nothing for 3 s")]
        self.results: Sequence[tuple[str, float]] = [("mug", 0.8), ("cup", 0.15)]
        self._history = ScoreHistory()

    def watched(self, browsers: int) -> None:
        self.browsers = browsers

    def snapshot(self, after: int) -> Snapshot:
        now_s = time.monotonic()
        self._history.add(now_s, dict(self.results))
        return Snapshot(
            now_s=now_s, nodes=["/perception"], present=self.present, sources=self.sources,
            answer=Answer(self.results, 0.1) if self.results else None, points=self._history.after(after, now_s),
            bundle="tiny", labels="2", rate_hz="9.8",
        )  # fmt: skip

    def pictures(self) -> dict[str, Picture]:
        return {"camera": Picture(1), "prompt": Picture(1, "<b>something</b> warm")}

    def draw(self, source: str) -> bytes | None:
        if source == "broken":
            raise MessageError("no image", remedy="mend it")
        pixels = np.full((60, 80, 3), 128, np.uint8)
        return cv2.imencode(".jpg", pixels)[1].tobytes() if source == "camera" else None

    async def labels(self) -> Labels:
        return Labels(self.labels_in_use, "tiny")

    async def switch(self, source: str, *, enabled: bool) -> None:
        self._do("switch", source, enabled)
        state = "live" if enabled else "disabled"
        self.sources = [source_in(one, state) if one.name == source else one for one in self.sources]

    async def set_labels(self, labels: Sequence[str]) -> None:
        self._do("labels", *labels)
        self.labels_in_use = labels

    async def reload_bundle(self) -> str:
        self._do("reload")
        return "/perception: tiny was loaded again"

    def _do(self, *command: object) -> None:
        if self.refuses:
            raise ControlError(self.refuses, remedy="try something else")
        self.commands.append(command)


def source_in(one: SourceView, state: str) -> SourceView:
    return source(one.name, one.modality, state=state, reason="by the operator" if state == "disabled" else "")
