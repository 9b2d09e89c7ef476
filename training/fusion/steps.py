"""The steps `embed` and `fuse`."""

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path

from training.fusion.embedded import embed_split, save_embedded
from training.fusion.fuse import fuse
from training.fusion.heads.registry import HEADS
from training.run import Run
from training.run_folder import settings_of
from training.step import Step

# the fusion heads also learn from augmented inputs
_VIEWS = {"fusion": 4, "validation": 1, "test": 1}


def _embed(run: Run, options: Namespace) -> None:
    for split in _VIEWS:
        run.perform(
            f"embed/{split}", partial(_embed_one, run, split), {}, (run.data_step, *run.distilled_steps),
            force=options.force,
        )  # fmt: skip


def _embed_one(run: Run, split: str, folder: Path) -> None:
    views = _VIEWS[split]
    save_embedded(embed_split(run.split(split), run.config, run.step("distil"), views, split=split), folder)


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--head", action="append", choices=HEADS, help="only this one; may be repeated")


def _fuse(run: Run, options: Namespace) -> None:
    settings = settings_of(run.config.fuse)
    del settings["heads"]
    # `all` has no options of single steps
    for name in getattr(options, "head", None) or run.config.fuse.heads:
        run.perform(
            f"fuse/{name}",
            partial(_fuse_one, run, name),
            settings,
            ("embed/fusion",),
            force=options.force,
            together=True,
        )


def _fuse_one(run: Run, name: str, folder: Path) -> None:
    fuse(folder, run.config, run.embedded("fusion"), run.teachers.centre_KkD, name)


STEPS = (
    Step("embed", "run every sample once through the frozen students", _embed, ("distil",)),
    Step("fuse", "train the fusion heads on the students' embeddings", _fuse, ("embed",), _arguments),
)
