"""Whether the bundle is whole, and has what the sources need."""

from collections.abc import Collection, Iterator

from omnibind_ros.diagnosis.finding import Finding, ok, warning
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality

_SUBJECT = "bundle"


def check_bundle(bundle: Bundle, modalities: Collection[Modality]) -> Iterator[Finding]:
    """bundle: loaded, which has checked every file. modalities: those of the configured sources."""
    description = bundle.description
    yield ok(
        _SUBJECT,
        f"{bundle.name}: {len(description.files())} files with their right SHA-256, {len(bundle.modalities)} encoders, "
        f"{len(description.labels.names)} labels, space {description.space.id} (number {bundle.space}, "
        f"{bundle.dimension} numbers)",
    )
    without = sorted({str(one) for one in modalities} - {str(one) for one in bundle.modalities})
    if without:
        yield warning(
            _SUBJECT,
            f"{bundle.name} has no encoder for {', '.join(without)}: such sources are left out",
            "use a bundle with that encoder, or train one: `python -m training --help`",
        )
    if Modality.TEXT not in bundle.modalities:
        yield warning(
            _SUBJECT,
            "without a text encoder it knows no labels but its own",
            "train one with the modality text, if `labels` is to be used",
        )
