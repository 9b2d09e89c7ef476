"""What a suite consists of: a configuration, the seeds it is run with, and what is compared in it."""

from dataclasses import dataclass, replace

from omnibind_ros.modality import Modality
from training.config import DistilConfig, Teacher, TrainingConfig
from training.config_file import load_config, shipped_path

SEEDS = (0, 1, 2)
QUICK_SEEDS = (0,)


@dataclass(frozen=True)
class Suite:
    """One benchmark.

    config: of every seed's run. ablated: the modalities of which students are also distilled with parts of the loss.
    seeds: of everything that is drawn after the data; the samples are the same for all.
    """

    name: str
    config: TrainingConfig
    ablated: tuple[Modality, ...]
    seeds: tuple[int, ...]

    @property
    def folder(self) -> str:
        """Name of the folder of its runs."""
        return self.config.name


@dataclass(frozen=True)
class Variant:
    """One way of distilling, by the parts of OmniBind's equation 7 that it has.

    The contrast takes equation 2 as it stands: a row's own texts are those of the same caption, not all of its label.
    """

    name: str
    cross: bool
    own: bool
    centre: Teacher = "text"

    def settings(self, settings: DistilConfig) -> DistilConfig:
        """The settings with this variant's parts only."""
        return replace(
            settings,
            weight_cross=settings.weight_cross if self.cross else 0.0,
            weight_self=settings.weight_self if self.own else 0.0,
            align_centre=self.centre,
            positives="caption",
        )


VARIANTS = (
    Variant("contrast only", cross=False, own=False),
    Variant("+ cross", cross=True, own=False),
    Variant("+ self", cross=False, own=True),
    Variant("all", cross=True, own=True),
    Variant("contrast only, image centre", cross=False, own=False, centre="image"),
    Variant("all, image centre", cross=True, own=True, centre="image"),
)

_ABLATED = {"sim": (Modality.TOUCH, Modality.EVENT, Modality.THERMAL), "digits": ()}
SUITES = tuple(_ABLATED)


def load_suite(name: str, *, quick: bool) -> Suite:
    """A suite by its name in `SUITES`, from config/training/suite_<name>[_quick].yaml."""
    config = load_config(shipped_path(f"suite_{name}_quick" if quick else f"suite_{name}"))
    return Suite(name, config, _ABLATED[name], QUICK_SEEDS if quick else SEEDS)
