"""What a million, a hundred million and a billion samples would cost, computed from rates that were measured."""

from collections.abc import Sequence

from training.scale.rates import ExtractionRate, TrainingRate

SAMPLES = (10**6, 10**8, 10**9)
EPOCHS = 2
"""Over the pairs, as `project` has it by default."""
_UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def measured_to_markdown(extraction: Sequence[ExtractionRate], training: TrainingRate, computer: str) -> str:
    """The rates as tables."""
    rows = [
        f"| {one.encoder} | {one.rate:,.0f} | {one.network:,.0f} | {_amount(one.recording_bytes)} | {one.size} | "
        f"{one.embedding_bytes:,.0f} B |"
        for one in extraction
    ]
    return "\n".join(
        [
            f"On one core of: {computer}.",
            "",
            "| encoder | extraction, samples/s | network alone, samples/s | a recording | numbers | an embedding |",
            "|---|---:|---:|---:|---:|---:|",
            *rows,
            "",
            f"| projector {training.size} → 2048 → {training.size}, batch {training.batch} | pairs/s |",
            "|---|---:|",
            f"| steps on embeddings in memory | {training.cached:,.0f} |",
            f"| training from shards, all included | {training.streamed:,.0f} |",
            f"| reading and shuffling shards alone | {training.read:,.0f} |",
        ]
    )


def costs_to_markdown(extraction: Sequence[ExtractionRate], training: TrainingRate) -> str:
    """The costs as a table."""
    sizes = dict.fromkeys((one.size, round(one.embedding_bytes)) for one in extraction)
    return "\n".join(
        [
            _row("", [_power(count) for count in SAMPLES]),
            "|---|" + "---:|" * len(SAMPLES),
            *(_row(f"extraction, {one.encoder}", [_time(n / one.rate) for n in SAMPLES]) for one in extraction),
            _row(f"projector, {EPOCHS} epochs from shards", [_time(EPOCHS * n / training.streamed) for n in SAMPLES]),
            *(
                _row(f"recordings, {one.modality}", [_amount(n * one.recording_bytes) for n in SAMPLES])
                for one in {one.modality: one for one in extraction}.values()
            ),
            *(
                _row(f"embeddings of {size} numbers, float16", [_amount(n * stored) for n in SAMPLES])
                for size, stored in sizes
            ),
        ]
    )


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _power(count: int) -> str:
    return f"10{''.join('⁰¹²³⁴⁵⁶⁷⁸⁹'[int(digit)] for digit in str(len(str(count)) - 1))}"


def _time(seconds: float) -> str:
    """In minutes, hours or days of one core, whichever is read most easily."""
    for unit, name in ((86400, "days"), (3600, "hours")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return f"{seconds / 60:.0f} minutes"


def _amount(count: float) -> str:
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return f"{count:.0f} B"
