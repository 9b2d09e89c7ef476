"""The tools of this folder: from cached embeddings to a projector, a bundle with one more modality, and centres."""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle, load_bundle
from omnibind_ros.inference.encoder import OUTPUT_NAME
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.resources import bundle_folder
from training.arguments import positive
from training.data.sample_set import SampleSet
from training.projection.add_modality import add_modality, settings_of_modality
from training.projection.benchmark import projector_throughput
from training.projection.centre_ablation import COUNTS, TEMPERATURE, centre_ablation, to_markdown
from training.projection.centres import COUNT, NEAR_DUPLICATE, PROMPT, chosen_descriptions, ranked_descriptions
from training.projection.described_bundle import write_described
from training.projection.descriptions import described_samples, read_descriptions
from training.projection.embedding_table import EmbeddingTable, load_table, save_table
from training.projection.encode import embed_captions, embed_samples, embed_texts, encoder_backend
from training.projection.pairing import NEIGHBOURS, pair
from training.projection.pairs import Pairs, matches, pairs_of_shared_ids, read_pairs, write_pairs
from training.projection.projector import TrainedProjector, load_projector
from training.projection.train import RESULTS_FILE, CachedEmbeddings, ProjectConfig, train_projector
from training.projection.zero_shot_pairs import zero_shot_pairs
from training.scale.commands import (
    extract,
    extraction_arguments,
    holds_shards,
    project_stream,
    streaming_arguments,
    streams,
)
from training.step import Tool

_THREADS = 2
_COMPACT = "compact"


def _bundle(name_or_path: str) -> Bundle:
    return load_bundle(bundle_folder(name_or_path))


def _samples(folder: Path) -> SampleSet:
    try:
        return SampleSet(folder)
    except FileNotFoundError as error:
        raise ConfigurationError(
            "no split is there",
            remedy="name the folder of a split, as `cache` or `simulate` wrote it",
            source=str(folder),
        ) from error


def _table_argument(argument: str) -> tuple[Modality, Path]:
    name, _, file = argument.partition("=")
    if name not in {modality.value for modality in Modality} or not file:
        raise ArgumentTypeError(f"`{argument}` is not MODALITY=FILE")
    return Modality(name), Path(file)


def _cache_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("samples", type=Path, help="folder of a split, as `cache` or `simulate` wrote it, or of shards")
    parser.add_argument("output", type=Path, help="the table: .safetensors or .parquet; of shards a folder")
    parser.add_argument("--modality", type=Modality, choices=list(Modality), required=True)
    encoder = parser.add_mutually_exclusive_group(required=True)
    encoder.add_argument("--bundle", help="a bundle with an encoder for the modality; text: of each first caption")
    encoder.add_argument("--backbone", type=Path, help="an ONNX network that takes the samples' inputs")
    parser.add_argument("--backbone-output", help="which of the backbone's outputs, when it has several")
    extraction_arguments(parser)


def _cache(options: Namespace) -> None:
    if holds_shards(options.samples):
        extract(options)
        return
    samples = _samples(options.samples)
    if options.backbone is not None:
        try:
            backend = OnnxRuntimeBackend(options.backbone.read_bytes(), name=str(options.backbone), threads=_THREADS)
            table = embed_samples(samples, options.modality, backend, options.backbone_output)
        except ConfigurationError as error:
            raise error.at(str(options.backbone)) from error.__cause__
    elif options.modality is Modality.TEXT:
        table = embed_captions(samples, _bundle(options.bundle), _THREADS)
    else:
        backend = encoder_backend(_bundle(options.bundle), options.modality, _THREADS)
        table = embed_samples(samples, options.modality, backend, OUTPUT_NAME)
    save_table(table, options.output)
    print(f"{options.output}: {len(table.ids)} embeddings of {table.vector_ND.shape[1]}")


def _pair_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("texts", type=Path, help="embeddings of texts, in the space of the items'")
    parser.add_argument("items", type=_table_argument, metavar="MODALITY=FILE", help="embeddings of the other modality")
    parser.add_argument("output", type=Path, help="CSV file of pairs")
    parser.add_argument("--neighbours", type=positive, default=NEIGHBOURS, help="items looked at a text (%(default)s)")
    parser.add_argument("--text-uses", type=positive, default=1, help="pairs a text may be in (%(default)s)")
    parser.add_argument("--item-uses", type=positive, default=1, help="pairs an item may be in (%(default)s)")


def _pair(options: Namespace) -> None:
    modality, file = options.items
    texts, items = load_table(options.texts), load_table(file)
    if texts.vector_ND.shape[1] != items.vector_ND.shape[1]:
        raise ConfigurationError(
            f"texts of {texts.vector_ND.shape[1]} and items of {items.vector_ND.shape[1]} numbers are of two spaces",
            remedy="embed both with the encoders of one bundle",
        )
    found = pair(
        texts.unit(),
        items.unit(),
        text_uses=options.text_uses,
        item_uses=options.item_uses,
        neighbours=options.neighbours,
    )
    rows = [(texts.ids[one.text], items.ids[one.item], f"{one.similarity:.4f}") for one in found]
    write_pairs(options.output, (Modality.TEXT.value, modality.value, "similarity"), rows)
    print(f"{options.output}: {len(rows)} pairs")


def _project_arguments(parser: ArgumentParser) -> None:
    defaults = ProjectConfig()
    parser.add_argument("output", type=Path, help="folder for the projector, its results and logs")
    parser.add_argument(
        "--projected",
        type=_table_argument,
        required=True,
        metavar="MODALITY=FILE",
        help="what the backbone gave, a table or a folder of shards",
    )
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument(
        "--frozen", type=_table_argument, action="append", metavar="MODALITY=FILE",
        help="embeddings of the space to project into; may be repeated",
    )  # fmt: skip
    target.add_argument(
        "--descriptions", type=Path, help="table of what is said of the samples, as `describe` wrote it"
    )
    parser.add_argument("--bundle", help="whose text encoder reads the descriptions")
    parser.add_argument(
        "--split", type=Path, action="append",
        help="CSV file of pairs; repeated in the order of rising quality; without it, what has one id is a match",
    )  # fmt: skip
    parser.add_argument("--held-out", type=Path, help="CSV file of pairs on which retrieval is measured")
    for name, kind, what in (
        ("hidden", int, "units between the two layers, 0 for a single layer"),
        ("epochs", int, "over each split"),
        ("batch", int, "pairs a step"),
        ("learning-rate", float, "at its highest"),
        ("replay", float, "share of a later split's training drawn from the splits before"),
        ("seed", int, "of all that is random"),
    ):
        default = getattr(defaults, name.replace("-", "_"))
        parser.add_argument(f"--{name}", type=kind, default=default, help=f"{what} (%(default)s)")
    streaming_arguments(parser)


def _project(options: Namespace) -> None:
    names = ("hidden", "epochs", "batch", "learning_rate", "replay", "seed")
    try:
        config = ProjectConfig(
            loss="descriptions" if options.descriptions else "pairs", **{name: getattr(options, name) for name in names}
        )
    except ValueError as error:
        raise ConfigurationError(str(error), remedy="correct the option") from error
    trained = project_stream(options, config) if streams(options) else _project_tables(options, config)
    for frozen, value in trained.log_temperature.items():
        print(f"temperature to {frozen}: {float(value.exp()):.3f}")
    for split, results in json.loads((options.output / RESULTS_FILE).read_text()).items():
        for direction, recalls in results.items():
            print(f"{split}: {direction} " + ", ".join(f"R@{k} {100 * share:.1f} %" for k, share in recalls.items()))


def _project_tables(options: Namespace, config: ProjectConfig) -> TrainedProjector:
    modality, file = options.projected
    cached = CachedEmbeddings(modality, load_table(file), _frozen_tables(options))
    known = (modality, cached.projected.row_of), {m: table.row_of for m, table in cached.frozen.items()}
    splits = _splits(options, *known)
    held_out = read_pairs(options.held_out, *known) if options.held_out else None
    return train_projector(options.output, cached, splits, config, held_out)


def _frozen_tables(options: Namespace) -> dict[Modality, EmbeddingTable]:
    """What to project to: embeddings from files, or those of the descriptions."""
    if options.descriptions is None:
        return {modality: load_table(path) for modality, path in options.frozen}
    if options.bundle is None:
        raise ConfigurationError("descriptions need a text encoder", remedy="name a bundle with --bundle")
    rows = read_descriptions(options.descriptions)
    vector_MD = embed_texts(_bundle(options.bundle), [row.description for row in rows], _THREADS)
    return {Modality.TEXT: EmbeddingTable(tuple(row.id for row in rows), vector_MD)}


def _splits(
    options: Namespace,
    projected: tuple[Modality, Mapping[str, int]],
    frozen: Mapping[Modality, Mapping[str, int]],
) -> list[Pairs]:
    if options.descriptions is None:
        return [read_pairs(path, projected, frozen) for path in options.split or ()] or [
            pairs_of_shared_ids(projected, frozen)
        ]
    if options.split:
        raise ConfigurationError("descriptions are pairs already", remedy="leave out --split")
    sample_P, description_P = described_samples(read_descriptions(options.descriptions), projected[1])
    return [matches(sample_P, {Modality.TEXT: description_P})]


def _zero_shot_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("first", type=_table_argument, metavar="MODALITY=FILE", help="embeddings of one sensor")
    parser.add_argument("second", type=_table_argument, metavar="MODALITY=FILE", help="and of another, in one space")
    parser.add_argument("pairs", type=Path, help="CSV file of pairs with `category`, or with matches and nones")


def _zero_shot(options: Namespace) -> None:
    (first, first_file), (second, second_file) = options.first, options.second
    left, right = load_table(first_file), load_table(second_file)
    pairs = read_pairs(options.pairs, (first, left.row_of), {second: right.row_of})
    for direction, results in zero_shot_pairs((first, left), (second, right), pairs).items():
        for name, share in results.items():
            print(f"{direction} {name.replace('_', ' ')}: {100 * share:.1f} %")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("bundle", help="the bundle that gets one more modality")
    parser.add_argument("--modality", type=Modality, choices=list(Modality), required=True)
    parser.add_argument("--backbone", type=Path, required=True, help="the frozen encoder, an ONNX file")
    parser.add_argument("--backbone-output", help="which of its outputs, when it has several")
    parser.add_argument("--projector", type=Path, required=True, help="what `project` trained behind it")
    parser.add_argument("--preset", default=_COMPACT, help="preprocessing of the backbone (%(default)s)")
    parser.add_argument("--preprocessing", type=Path, help="YAML file with every constant, in place of a preset")
    parser.add_argument("--output", type=Path, help="where the new bundle goes; by default in place of the old one")


def _add(options: Namespace) -> None:
    bundle, trained = _bundle(options.bundle), load_projector(options.projector)
    if trained.modality is not options.modality:
        raise ConfigurationError(
            f"it is a projector for {trained.modality}, not for {options.modality}",
            remedy="name the modality it was trained for",
            source=str(options.projector),
        )
    settings = settings_of_modality(options.modality, options.preset, options.preprocessing)
    output = options.output or bundle.folder
    written = add_modality(bundle, output, trained, options.backbone, settings, backbone_output=options.backbone_output)
    parity = written.description.provenance["added"][options.modality.value]["parity"]
    print(f"{output}: {', '.join(map(str, written.modalities))} in the space {written.description.space.id}")
    trained_with = written.description.provenance.get("config", {}).get("modalities", [])
    if options.modality.value not in trained_with:
        print(
            f"the fusion head was trained without {options.modality}: measure before you rely on it "
            "(docs/projection.md)"
        )
    print(f"largest difference of the merged network: {parity:.1e}")


def _centres_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("table", type=Path, help="Parquet or CSV file: id, category, description, source")
    parser.add_argument("--bundle", required=True, help="the bundle whose text encoder makes the centres")
    parser.add_argument("--output", type=Path, help="safetensors file for the centres")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="a new bundle with the categories as its labels")
    parser.add_argument("--count", type=positive, default=COUNT, help="centres a category, at most (%(default)s)")
    parser.add_argument(
        "--near-duplicate", type=float, default=NEAR_DUPLICATE,
        help="cosine from which a description says nothing new (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--samples", type=Path, help="embeddings on which the number of centres is compared")
    parser.add_argument("--categories", type=Path, help="JSON file with the category of each id, or the samples' split")
    parser.add_argument("--temperature", type=float, default=TEMPERATURE, help="of log-mean-exp (%(default)s)")


def _centres(options: Namespace) -> None:
    bundle, rows = _bundle(options.bundle), read_descriptions(options.table)
    categories = sorted({row.category for row in rows})
    vector_MD = embed_texts(bundle, [row.description for row in rows], _THREADS)
    prompt_KD = embed_texts(bundle, [PROMPT.format(category=category) for category in categories], _THREADS)
    ranked = ranked_descriptions(
        vector_MD, [row.category for row in rows], prompt_KD, categories, near_duplicate=options.near_duplicate
    )
    chosen_Kk = chosen_descriptions(ranked, options.count)
    print(f"{len(rows)} descriptions of {len(categories)} categories: {chosen_Kk.shape[1]} centres each")
    if options.output is not None:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        names = {"names": json.dumps(categories), "space": bundle.description.space.id}
        save_file({"centres": np.ascontiguousarray(vector_MD[chosen_Kk])}, options.output, metadata=names)
    if options.into is not None:
        write_described(bundle, options.into, categories, vector_MD[chosen_Kk])
        print(f"{options.into}: a bundle with these labels")
    if options.samples is not None:
        samples = load_table(options.samples)
        label_B = _labels(options, samples, categories)
        measured = centre_ablation(
            samples.unit(), label_B, vector_MD, ranked, counts=COUNTS, temperature=options.temperature
        )
        print(to_markdown(measured), end="")


def _labels(options: Namespace, samples: EmbeddingTable, categories: list[str]) -> NDArray[np.int64]:
    remedy = 'give --categories the split of the samples, or a JSON file like {"id": "category"} with every one'
    if options.categories is None:
        raise ConfigurationError("the samples have no categories", remedy=remedy, source=str(options.samples))
    try:
        told = _told(options.categories)
        return np.array([categories.index(told[name]) for name in samples.ids], np.int64)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{error}", remedy=remedy, source=str(options.categories)) from error


def _told(place: Path) -> Mapping[str, str]:
    """Category by id; in a split the ids are the numbers of its rows."""
    if place.is_dir():
        samples = _samples(place)
        return {str(row): samples.labels[label] for row, label in enumerate(samples.label_N.tolist())}
    told: dict[str, str] = json.loads(place.read_text(encoding="utf-8"))
    return told


def _benchmark_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--bundle", default="omnibind-sim", help="whose encoder is the backbone (%(default)s)")
    parser.add_argument("--modality", type=Modality, choices=list(Modality), default=Modality.AUDIO)
    parser.add_argument("--batch", type=positive, default=ProjectConfig().batch, help="pairs a step (%(default)s)")
    parser.add_argument("--steps", type=positive, default=5, help="steps that are measured (%(default)s)")
    parser.add_argument("--threads", type=positive, default=_THREADS, help="of the encoder (%(default)s)")


def _benchmark(options: Namespace) -> None:
    measured = projector_throughput(
        _bundle(options.bundle), options.modality, batch=options.batch, steps=options.steps, threads=options.threads
    )
    print(f"cached embeddings: {measured.cached:,.0f} samples/s")
    print(f"encoder every time: {measured.encoded:,.0f} samples/s")
    print(f"gain: {measured.gain:.1f} times")


STEPS: tuple[Tool, ...] = (
    Tool("cache-embeddings", "a split's embeddings through a frozen encoder, computed once", _cache, _cache_arguments),
    Tool("pair", "pair texts with items of another modality by similarity", _pair, _pair_arguments),
    Tool("project", "train a modality's projector on cached embeddings", _project, _project_arguments),
    Tool(
        "zero-shot-pairs",
        "recognise one sensor's items by another's, without text",
        _zero_shot,
        _zero_shot_arguments,
    ),
    Tool("add-modality", "give a bundle one more modality, all others untouched", _add, _add_arguments),
    Tool("centres", "choose the descriptions that stand for each category", _centres, _centres_arguments),
    Tool(
        "benchmark-projection",
        "samples a second of a projector's training, and what caching gains",
        _benchmark,
        _benchmark_arguments,
    ),
)
