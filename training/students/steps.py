"""The tool `students`: what each student costs."""

from argparse import ArgumentParser, Namespace

from omnibind_ros.modality import Modality
from training.step import Tool
from training.students.measure import measure_students, to_markdown


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--modality", type=Modality, action="append", choices=list(Modality), help="only this one; may be repeated"
    )
    parser.add_argument("--runs", type=int, default=200, help="inferences a latency is the median of (%(default)s)")


def _students(options: Namespace) -> None:
    print(to_markdown(measure_students(options.modality or list(Modality), options.runs)))


STEPS = (Tool("students", "print what each student costs, in every size, as a Markdown table", _students, _arguments),)
