"""The step `teach`, and the tools `teachers` and `import-teacher`."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from training.arguments import labels_given
from training.run import Run
from training.run_folder import settings_of
from training.step import Step, Tool
from training.teachers.import_teacher import import_teacher
from training.teachers.pretrained.catalogue import DEFAULT_TEACHER, TEACHERS, catalogue_to_markdown
from training.teachers.pretrained.load import load_teacher
from training.teachers.pretrained.weights import find_weights
from training.teachers.teach import teach


def _teach(run: Run, options: Namespace) -> None:
    run.perform(
        "teach",
        lambda folder: teach(folder, run.config, run.split("train")),
        settings_of(run.config.teach),
        (run.data_step,),
        force=options.force,
        together=True,
    )


def _import_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "teacher",
        nargs="?",
        default=DEFAULT_TEACHER,
        help=f"a name, a repository owner/name of the Hugging Face Hub, or a folder (%(default)s); names: "
        f"{', '.join(TEACHERS)}",
    )
    parser.add_argument(
        "--labels", nargs="+", required=True, metavar="LABEL", help="what the robot names, or a text file, one a line"
    )
    parser.add_argument(
        "--output", type=Path, required=True, help="where the bundle goes; the folder's name becomes its name"
    )
    parser.add_argument(
        "--prompt",
        action="append",
        default=[],
        metavar="SENTENCE",
        help="with {label}, and {article} for a or an; may be repeated: the best one of a label counts",
    )
    parser.add_argument("--temperature", type=float, help="cosines are divided by it (the model's own)")
    parser.add_argument("--accept-licence", action="store_true", help="you have read a licence that is not permissive")
    parser.add_argument("--offline", action="store_true", help="use only what was downloaded before")
    parser.add_argument("--cache", type=Path, help="where downloads lie (where the Hugging Face libraries keep theirs)")
    parser.add_argument("--revision", metavar="COMMIT", help="of the repository (the one of the first time)")


def _import(options: Namespace) -> None:
    weights = find_weights(
        options.teacher,
        cache=options.cache,
        revision=options.revision,
        offline=options.offline,
        accept_licence=options.accept_licence,
    )
    bundle = import_teacher(
        load_teacher(weights, Path(options.teacher).name),
        weights,
        labels_given(options.labels),
        options.output,
        prompts=options.prompt,
        temperature=options.temperature,
    )
    size = sum(path.stat().st_size for path in options.output.rglob("*") if path.is_file())
    encoders = ", ".join(bundle.modalities)
    print(f"{options.output}: {encoders}; {len(bundle.description.labels.names)} labels; {size / 1e6:.1f} MB")


STEPS = (
    Tool("teachers", "list the pretrained models that have a short name", lambda _: print(catalogue_to_markdown())),
    Tool(
        "import-teacher",
        "make a bundle straight from a pretrained model, without training: image and text, or sound and text",
        _import,
        _import_arguments,
    ),
    Step("teach", "train the image teacher and the text tower's projection, then freeze both", _teach, ("simulate",)),
)
