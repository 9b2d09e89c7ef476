"""The tool `extract`: labelled windows of a recorded bag become files and rows of an index.

Messages are decoded by the robot's own decoders. All sensors' recordings of one window share an id, so that they stay
together when they are matched.
"""

import csv
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from omnibind_ros.errors import ConfigurationError, MessageError
from omnibind_ros.fusion.source_state import NANOSECONDS
from omnibind_ros.messages.audio import AudioChunk
from omnibind_ros.messages.event_array import Events
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.reader import Decode, make_decoder
from omnibind_ros.pipeline.source_settings import MESSAGE_TYPES, STREAMS, SourceSettings
from omnibind_ros.replay.bag import Bag, Recorded, Topic
from omnibind_ros.replay.bag_sources import guessed_configuration, sources_in
from omnibind_ros.replay.configuration import read_configuration
from training.data.entries import COLUMNS, Entry
from training.data.recording_files import write_recording
from training.data.spans import Span, read_spans
from training.data.splits import SPLITS

INDEX_FILE = "index.csv"


@dataclass(frozen=True)
class Extracted:
    """What came of a bag.

    undecodable: how many messages of each topic could not be decoded; problems: why, by topic, the first time.
    """

    entries: list[Entry]
    undecodable: dict[str, int]
    problems: dict[str, str]


@dataclass(frozen=True)
class _Window:
    name: str
    start_ns: int
    end_ns: int
    span: Span


def extract(
    path: Path,
    spans_file: Path,
    output: Path,
    *,
    window_s: float = 1.0,
    config: Path | None = None,
    namespace: str = "",
) -> Extracted:
    """Cut a bag into windows of `window_s` within each span, and add them to the index in `output`.

    Of a camera or LiDAR a window holds the last message, of a microphone or event camera all of them. config: a
    perception node's parameter file; without one the topics tell what the sensors are. A bag that was extracted before
    takes the place of its former rows. Raises BagError, ConfigurationError.
    """
    chosen = read_configuration(config) if config else guessed_configuration()
    with Bag(path) as bag:
        sources = [source for source in sources_in(chosen, bag.topics, namespace) if _topics(source, bag.topics)]
        if not sources:
            raise ConfigurationError(
                "no topic of it is a sensor's", remedy="name the topics in a parameter file", source=str(path)
            )
        name = path.resolve().stem
        windows = _windows(read_spans(spans_file, bag.start_ns, SPLITS), round(window_s * NANOSECONDS), name)
        cutter = _Cutter(sources, windows, output)
        for recorded in bag.messages(tuple(topic for topic in bag.topics if cutter.takes(topic))):
            cutter.add(recorded)
        entries = cutter.finish()
        undecodable = Counter(bag.unreadable) + cutter.undecodable
    _add_to_index(output, name, entries)
    return Extracted(entries, dict(undecodable), cutter.problems)


def _topics(source: SourceSettings, topics: Sequence[Topic]) -> list[Topic]:
    return [
        topic
        for topic in topics
        if topic.name == source.topic and topic.message_type in MESSAGE_TYPES[source.modality] and topic.messages
    ]


def _windows(spans: Sequence[Span], length_ns: int, bag: str) -> list[_Window]:
    """Whole windows of each span, one after the other; a span shorter than a window is one of its own."""
    windows: list[_Window] = []
    for span in spans:
        count = max(1, (span.end_ns - span.start_ns) // length_ns)
        for number in range(count):
            start_ns = span.start_ns + number * length_ns
            name = f"{bag}/{len(windows):05d}"
            windows.append(_Window(name, start_ns, min(start_ns + length_ns, span.end_ns), span))
    return windows


class _Cutter:
    """Takes messages in the order of their receipt and writes a window when the next one begins."""

    def __init__(self, sources: Sequence[SourceSettings], windows: Sequence[_Window], output: Path) -> None:
        self.undecodable: Counter[str] = Counter()
        self.problems: dict[str, str] = {}
        self._sources = sources
        self._decode: dict[str, Decode] = {source.name: make_decoder(source) for source in sources}
        self._windows = windows
        self._starts = [window.start_ns for window in windows]
        self._output = output
        self._current: _Window | None = None
        self._held: dict[str, list[Any]] = {}
        self._entries: list[Entry] = []

    def takes(self, topic: Topic) -> bool:
        """Whether a source reads a topic."""
        return any(_topics(source, [topic]) for source in self._sources)

    def add(self, recorded: Recorded) -> None:
        window = self._window_at(recorded.received_ns)
        if window is not self._current:
            self._write()
            self._current = window
        for source in self._sources:
            if not _topics(source, [recorded.topic]):
                continue
            if source.modality in STREAMS:
                # what comes before a window says how to read what is in it
                reading = self._decoded(source, recorded.message)
                if window is not None and reading is not None:
                    self._held.setdefault(source.name, []).append(reading)
            elif window is not None:
                self._held[source.name] = [recorded.message]

    def finish(self) -> list[Entry]:
        """Write the last window; the entries of all."""
        self._write()
        return self._entries

    def _window_at(self, time_ns: int) -> _Window | None:
        place = bisect_right(self._starts, time_ns) - 1
        return self._windows[place] if place >= 0 and time_ns < self._windows[place].end_ns else None

    def _decoded(self, source: SourceSettings, message: Any) -> Any:
        try:
            return self._decode[source.name](message)
        except MessageError as error:
            self.undecodable[source.topic] += 1
            self.problems.setdefault(source.topic, str(error))
            return None

    def _write(self) -> None:
        window, held, self._held = self._current, self._held, {}
        if window is None:
            return
        seen: set[Modality] = set()
        for source in self._sources:
            if source.name not in held:
                continue
            parts = held[source.name]
            reading = _joined(parts) if source.modality in STREAMS else self._decoded(source, parts[-1])
            if reading is None:
                continue
            name = window.name if source.modality not in seen else f"{window.name} {source.name}"
            seen.add(source.modality)
            self._entries.append(self._entry(source.modality, reading, window, name))

    def _entry(self, modality: Modality, reading: Any, window: _Window, name: str) -> Entry:
        span = window.span
        stem = self._output / modality.value / name.replace(" ", "_")
        file = write_recording(modality, reading, stem)
        return Entry(
            id=name,
            modality=modality,
            path=str(file.relative_to(self._output)),
            label=span.label,
            caption=span.caption,
            split=span.split,
            # one thing, recorded once, may be in several spans of a bag
            group=span.group or f"{window.name.rpartition('/')[0]} {span.label}",
        )


def _joined(parts: Sequence[Any]) -> Any:
    """The newest parts of a stream that fit together as one; None when there is nothing in them."""
    newest = parts[-1]
    if isinstance(newest, AudioChunk):
        like = [part for part in parts if _form(part) == _form(newest)]
        return replace(newest, samples_NC=np.concatenate([part.samples_NC for part in like]))
    like = [part for part in parts if _form(part) == _form(newest) and len(part)]
    if not like:
        return None
    x, y, t_us, p = (np.concatenate([getattr(part, name) for part in like]) for name in ("x", "y", "t_us", "p"))
    # a camera that started again counts its time from zero
    restarts = np.flatnonzero(t_us[1:] < t_us[:-1])
    first = int(restarts[-1]) + 1 if len(restarts) else 0
    return Events(x[first:], y[first:], t_us[first:], p[first:], newest.width, newest.height)


def _form(part: AudioChunk | Events) -> tuple[int, int]:
    """What parts of a stream have to have in common to be joined."""
    if isinstance(part, AudioChunk):
        return part.rate_hz, part.samples_NC.shape[1]
    return part.width, part.height


def _add_to_index(output: Path, bag: str, entries: Sequence[Entry]) -> None:
    """Write `index.csv` with the rows of other bags and these."""
    file = output / INDEX_FILE
    output.mkdir(parents=True, exist_ok=True)
    rows = [row for row in _rows(file) if not row["id"].startswith(f"{bag}/")]
    rows += [asdict(entry) | {"modality": entry.modality.value} for entry in entries]
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    if file.is_file():
        with file.open(newline="", encoding="utf-8") as opened:
            yield from csv.DictReader(opened)
