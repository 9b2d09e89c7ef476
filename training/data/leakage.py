"""The check that no thing and no recording is in two splits: numbers measured on such splits would be worthless."""

from collections.abc import Iterable, Mapping

from omnibind_ros.errors import OmnibindError
from omnibind_ros.modality import Modality
from training.data.sample_set import SampleSet


class LeakageError(OmnibindError):
    """A group (a physical thing, a recording, a speaker's take) that is in two splits."""


def check_no_leakage(splits: Mapping[str, SampleSet]) -> None:
    """Raise LeakageError when two splits share a group of any modality."""
    check_groups(
        (split, modality, group)
        for split, samples in splits.items()
        for modality in samples.modalities
        for group in samples.groups(modality)
        if group
    )


def check_groups(entries: Iterable[tuple[str, Modality, str]]) -> None:
    """Raise LeakageError when a group is in two splits, in one modality or in two; entries: split, modality, group."""
    seen: dict[str, tuple[str, Modality]] = {}
    for split, modality, group in entries:
        earlier, earlier_modality = seen.setdefault(group, (split, modality))
        if earlier != split:
            raise LeakageError(
                f"`{group}` is in `{earlier}` ({earlier_modality}) and in `{split}` ({modality})",
                remedy="a thing or recording belongs to one split only: correct the column `split` or `group`",
            )
