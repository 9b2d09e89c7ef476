"""What a step of training is, and what a tool beside the steps: one entry each in the table of `training.pipeline`."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from training.run import Run


def no_arguments(_: ArgumentParser) -> None:
    """For steps without arguments of their own."""


@dataclass(frozen=True)
class Step:
    """A step of a run: it reads what the steps in `needs` wrote into the run's folder and writes its own there.

    run: given the run and the parsed options (`force` among them); it asks `Run.perform` for each piece of work, which
    leaves out what is done. arguments: adds the step's own options. in_all: whether `all` runs it, in its place.
    """

    name: str
    help: str
    run: Callable[[Run, Namespace], object]
    needs: tuple[str, ...] = ()
    arguments: Callable[[ArgumentParser], None] = no_arguments
    in_all: bool = True


@dataclass(frozen=True)
class Tool:
    """A command beside the steps, with options of its own alone: no configuration, no run's folder."""

    name: str
    help: str
    run: Callable[[Namespace], object]
    arguments: Callable[[ArgumentParser], None] = no_arguments
