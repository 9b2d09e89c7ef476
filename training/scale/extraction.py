"""Embeddings of shards of recordings: one shard of embeddings for each, written once, whoever does it.

What is to be done is what is not there: a process that ends in the middle of a shard leaves none, and the next start
makes it. Nothing is shared between processes but the output's folder.
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from accelerate.utils import gather_object
from rich.progress import track

from omnibind_ros.errors import ConfigurationError, OmnibindError
from training.processes import accelerator, is_main, same_everywhere
from training.scale.embedding_shards import ENDING, is_current, read_footer, write_shard
from training.scale.recording_shards import find_shards, recordings_of
from training.scale.shard_encoder import EncoderSpec, ShardEncoder

UNREADABLE_FILE = "unreadable.csv"
PRECISIONS = ("float16", "float32")


@dataclass(frozen=True)
class Job:
    """One shard's work. mark: of all that decides its result."""

    shard: Path
    output: Path
    mark: str
    precision: str


@dataclass
class Extracted:
    """What was done. left_out: recordings that gave nothing. problems: of shards that could not be read."""

    shards: int = 0
    embeddings: int = 0
    done_before: int = 0
    left_out: int = 0
    problems: dict[str, str] = field(default_factory=dict)


def jobs_of(samples: Path, output: Path, digest: str, precision: str) -> list[Job]:
    """A job a shard of a folder; digest: the encoder's. Raises ConfigurationError for a folder without shards."""
    jobs = []
    for shard in find_shards(samples):
        status = shard.stat()
        told = f"{digest} {precision} {shard.name} {status.st_size} {status.st_mtime_ns}"
        mark = hashlib.sha256(told.encode()).hexdigest()
        jobs.append(Job(shard, output / f"{shard.stem}{ENDING}", mark, precision))
    return jobs


def pending(jobs: Sequence[Job]) -> list[Job]:
    """Those of which there is no result yet."""
    return [job for job in jobs if not is_current(job.output, job.mark)]


def do_job(encoder: ShardEncoder, job: Job) -> int:
    """Embed a shard and write the result; returns how many. Raises ConfigurationError for a shard that is damaged."""
    encoded = encoder(recordings_of(job.shard, encoder.modality))
    if len(set(encoded.ids)) < len(encoded.ids):
        raise ConfigurationError("some ids are there twice", remedy="pack it again", source=str(job.shard))
    with np.errstate(over="ignore"):
        vectors = encoded.vector_ND.astype(np.dtype(job.precision))
    if not np.isfinite(vectors).all():
        raise ConfigurationError(
            f"some embeddings are not finite in {job.precision}",
            remedy="give --precision float32, or look at the encoder",
            source=str(job.shard),
        )
    write_shard(job.output, encoded.ids, vectors, mark=job.mark, left_out=encoded.left_out)
    return len(encoded.ids)


def extract_shards(spec: EncoderSpec, samples: Path, output: Path, *, precision: str, threads: int) -> Extracted:
    """Embed every shard of a folder, in all processes of this run; each takes every so manyth that is to be done.

    A shard that cannot be read is told in `problems` and stops none of the others. Raises ConfigurationError.
    """
    encoder = spec.open(device=accelerator().local_process_index, threads=threads)
    if is_main():
        output.mkdir(parents=True, exist_ok=True)
    jobs = jobs_of(samples, output, encoder.digest, precision)
    # decided by one process: the others may look when it has written the first
    todo: list[Job] = same_everywhere(pending(jobs) if is_main() else None)
    own = todo[accelerator().process_index :: accelerator().num_processes]
    mine = Extracted(done_before=len(jobs) - len(todo) if is_main() else 0)
    for job in track(own, description=str(spec.modality), update_period=1.0, disable=not is_main()):
        try:
            mine.embeddings += do_job(encoder, job)
            mine.shards += 1
        except OmnibindError as error:
            mine.problems[str(job.shard)] = f"{error.problem} ({error.remedy})"
    extracted = _sum(gather_object([mine]))
    if is_main():
        finish(jobs, output, extracted)
    accelerator().wait_for_everyone()
    return extracted


def finish(jobs: Sequence[Job], output: Path, extracted: Extracted) -> None:
    """Write `unreadable.csv`, and remove what killed processes left unfinished.

    Raises ConfigurationError when a shard is neither done nor told to be damaged.
    """
    lost = [str(job.shard) for job in pending(jobs) if str(job.shard) not in extracted.problems]
    if lost:
        raise ConfigurationError(f"{len(lost)} shards were not written", remedy="run it again", source=lost[0])
    for left in output.glob(f".*{ENDING}.*"):
        left.unlink(missing_ok=True)
    left_out = list(_left_out(jobs, extracted))
    extracted.left_out = len(left_out)
    with (output / UNREADABLE_FILE).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("shard", "id", "problem"))
        writer.writerows((shard, "", problem) for shard, problem in extracted.problems.items())
        writer.writerows(left_out)


def _left_out(jobs: Sequence[Job], extracted: Extracted) -> Iterator[tuple[str, str, str]]:
    for job in jobs:
        if str(job.shard) not in extracted.problems:
            for name, problem in read_footer(job.output).left_out:
                yield str(job.shard), name, problem


def _sum(parts: Sequence[Extracted]) -> Extracted:
    return Extracted(
        sum(part.shards for part in parts),
        sum(part.embeddings for part in parts),
        sum(part.done_before for part in parts),
        problems={shard: problem for part in parts for shard, problem in part.problems.items()},
    )
