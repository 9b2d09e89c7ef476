"""The tool `few-shot`."""

import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from pathlib import Path

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.pipeline.resources import bundle_folder
from training.few_shot.examples import embed_examples, read_entries
from training.few_shot.heads import HEADS
from training.few_shot.teach import learn
from training.few_shot.views import shared_groups
from training.few_shot.write import lesson_to_markdown, write_taught
from training.step import Tool

_MOST_PROBLEMS = 5


def _share(argument: str) -> float:
    try:
        share = float(argument)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise ArgumentTypeError(f"`{argument}` is no share above 0 and up to 1")
    return share


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--bundle", default="omnibind-sim", help="the bundle to teach (%(default)s)")
    parser.add_argument("--folder", type=Path, required=True, help="labelled recordings: a folder, or a table of them")
    parser.add_argument("--head", choices=HEADS, default=HEADS[0], help="how (%(default)s)")
    parser.add_argument("--output", type=Path, required=True, help="the new bundle's folder")
    parser.add_argument("--coverage", type=_share, help="share of the answers that are not to be `unknown`")
    parser.add_argument("--threads", type=int, default=2, help="of the encoders (%(default)s)")


def _few_shot(options: Namespace) -> None:
    began = time.monotonic()
    bundle = load_bundle(bundle_folder(options.bundle))
    if bundle.examples is not None:
        raise ConfigurationError(
            f"the bundle {bundle.name} has been taught by a cache of examples already",
            remedy="start from the bundle it was made of, with all examples in one folder",
        )
    if options.output.expanduser().absolute() == bundle.folder:
        raise ConfigurationError("the new bundle would replace the old one", remedy="name another folder in --output")
    examples, problems = embed_examples(read_entries(options.folder), bundle, options.threads)
    for problem in problems[:_MOST_PROBLEMS]:
        print(problem)
    if len(problems) > _MOST_PROBLEMS:
        print(f"and {len(problems) - _MOST_PROBLEMS} more left out")
    counts = Counter(example.label for example in examples if not example.test)
    alike = shared_groups([example for example in examples if not example.test])
    if alike:
        print(f"only one thing or recording each, which makes the numbers too good: {', '.join(alike)}")
    lesson = learn(examples, bundle, options.head, coverage=options.coverage, threads=options.threads)
    written = write_taught(bundle, options.output, lesson, counts)
    new = [name for name in counts if name not in bundle.description.labels.names]
    print(lesson_to_markdown(lesson))
    print(
        f"\n{options.output}: {len(written.description.labels.names)} labels, {len(new)} of them new, taught in "
        f"{time.monotonic() - began:.0f} s"
    )


STEPS: tuple[Tool, ...] = (
    Tool("few-shot", "teach a bundle labels from a few examples, in a minute on a CPU", _few_shot, _arguments),
)
