"""What `cache-embeddings` and `project` do when they are given folders of shards."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from omnibind_ros.errors import ConfigurationError
from training.arguments import positive
from training.data.sample_index import INDEX_FILE
from training.processes import accelerator
from training.projection.projector import TrainedProjector
from training.projection.train import ProjectConfig
from training.scale.embedding_shards import EmbeddingShards
from training.scale.extraction import PRECISIONS, UNREADABLE_FILE, extract_shards
from training.scale.ray_extraction import extract_with_ray
from training.scale.recording_shards import find_shards
from training.scale.shard_encoder import EncoderSpec
from training.scale.train_stream import WINDOW, train_streamed


def holds_shards(folder: Path) -> bool:
    """Whether a folder is one of shards of recordings, not that of a split."""
    if not folder.is_dir() or (folder / INDEX_FILE).exists():
        return False
    try:
        return bool(find_shards(folder))
    except ConfigurationError:
        return False


def extraction_arguments(parser: ArgumentParser) -> None:
    """Options that count for shards alone."""
    group = parser.add_argument_group("from shards of recordings to shards of embeddings (docs/scale.md)")
    group.add_argument("--preset", default=EncoderSpec.preset, help="preprocessing of a backbone (%(default)s)")
    group.add_argument("--preprocessing", type=Path, help="YAML file with every constant, in place of a preset")
    group.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0], help="of what is kept (%(default)s)")
    group.add_argument("--readers", type=positive, default=1, help="threads a process that decode (%(default)s)")
    group.add_argument("--threads", type=positive, default=1, help="cores a process for its network (%(default)s)")
    group.add_argument("--ray", type=positive, metavar="WORKERS", help="by so many workers of a Ray cluster")


def extract(options: Namespace) -> None:
    """Embed every shard. Raises ConfigurationError when one could not be read, after all others are done."""
    spec = EncoderSpec(
        options.modality,
        bundle=options.bundle,
        backbone=options.backbone,
        output=options.backbone_output,
        preset=options.preset,
        preprocessing=options.preprocessing,
        readers=options.readers,
    )
    settings = {"precision": options.precision, "threads": options.threads}
    if options.ray:
        if accelerator().num_processes > 1:
            raise ConfigurationError("torchrun and Ray at once", remedy="start it with one of them", source="--ray")
        done = extract_with_ray(spec, options.samples, options.output, workers=options.ray, **settings)
    else:
        done = extract_shards(spec, options.samples, options.output, **settings)
    print(f"{options.output}: {done.embeddings} embeddings in {done.shards} shards, {done.done_before} done before")
    if done.left_out:
        print(f"{done.left_out} recordings could not be used, see {options.output / UNREADABLE_FILE}")
    if done.problems:
        shard, problem = next(iter(done.problems.items()))
        raise ConfigurationError(
            f"{len(done.problems)} shards could not be read, all in {UNREADABLE_FILE}; the first: {problem}",
            remedy="repair or remove them, and run it again",
            source=shard,
        )


def streaming_arguments(parser: ArgumentParser) -> None:
    """Options that count for shards alone."""
    group = parser.add_argument_group("from folders of shards (docs/scale.md)")
    group.add_argument(
        "--window", type=positive, default=WINDOW, help="pairs a process holds and shuffles together (%(default)s)"
    )


def streams(options: Namespace) -> bool:
    """Whether `project` is given folders. Raises ConfigurationError for some of both, and for pairs in files."""
    folders = [file.is_dir() for _, file in (options.projected, *(options.frozen or ()))]
    if not any(folders):
        return False
    if not all(folders) or options.descriptions is not None:
        raise ConfigurationError("tables and folders of shards", remedy="give either, for every modality")
    if options.split:
        raise ConfigurationError(
            "pairs of a file need tables in memory", remedy="leave --split out: in shards, what has one id is a match"
        )
    return True


def project_stream(options: Namespace, config: ProjectConfig) -> TrainedProjector:
    """Train a projector on folders of shards."""
    modality, folder = options.projected
    frozen = {one: EmbeddingShards(path) for one, path in options.frozen}
    return train_streamed(
        options.output,
        (modality, EmbeddingShards(folder)),
        frozen,
        config,
        window=options.window,
        held_out=options.held_out,
    )
