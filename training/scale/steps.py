"""The tools of this folder; `cache-embeddings` and `project` take shards by themselves."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from benchmarks.report import load_average, machine
from documentation.blocks import replace_block
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.pipeline.resources import bundle_folder
from training.arguments import positive
from training.data.sources import read_source
from training.data.splits import SPLITS
from training.projection.train import ProjectConfig
from training.scale.costs import costs_to_markdown, measured_to_markdown
from training.scale.pack import SAMPLES, pack
from training.scale.rates import extraction_rates, one_core, training_rate
from training.step import Tool

_DOCUMENT = Path(__file__).parents[2] / "docs" / "scale.md"


def _pack_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("source", help="a folder, a CSV or a Parquet file of recordings, as `data.source`")
    parser.add_argument("output", type=Path, help="folder of the shards")
    parser.add_argument("--split", choices=SPLITS, help="only what the source says is in this split")
    parser.add_argument("--samples", type=positive, default=SAMPLES, help="samples a shard (%(default)s)")


def _pack(options: Namespace) -> None:
    entries = [one for one in read_source(options.source) if options.split in {None, one.split}]
    written = pack(entries, options.output, samples=options.samples)
    print(f"{options.output}: {len({entry.id for entry in entries})} samples in {len(written)} shards")


def _benchmark_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--bundle", default="omnibind-sim", help="whose encoders are measured (%(default)s)")
    parser.add_argument("--recordings", type=positive, default=500, help="that each of them embeds (%(default)s)")
    parser.add_argument("--batch", type=positive, default=ProjectConfig().batch, help="pairs a step (%(default)s)")
    parser.add_argument("--steps", type=positive, default=20, help="steps of training (%(default)s)")
    parser.add_argument(
        "--write-docs", action="store_true", help=f"also write the tables into {_DOCUMENT.name} in docs/"
    )


def _benchmark(options: Namespace) -> None:
    bundle = load_bundle(bundle_folder(options.bundle))
    computer = f"{machine()}; load average {load_average():.2f} before it began"
    with one_core():
        extraction = extraction_rates(bundle, options.recordings)
        training = training_rate(bundle, batch=options.batch, steps=options.steps)
    blocks = {
        "measured": measured_to_markdown(extraction, training, computer),
        "computed": costs_to_markdown(extraction, training),
    }
    for name, content in blocks.items():
        print(f"{name}:\n\n{content}\n")
        if options.write_docs:
            replace_block(_DOCUMENT, name, content)


STEPS: tuple[Tool, ...] = (
    Tool("pack", "pack recordings into tar shards, to be read from beginning to end", _pack, _pack_arguments),
    Tool(
        "benchmark-scale",
        "samples a second of extraction and training from shards, and what 10⁶ to 10⁹ would cost",
        _benchmark,
        _benchmark_arguments,
    ),
)
