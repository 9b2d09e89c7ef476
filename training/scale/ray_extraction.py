"""The same extraction over a cluster with Ray Data, which deals shards to whoever is free and replaces who is lost."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_ros.errors import ConfigurationError, OmnibindError
from training.scale.extraction import Extracted, Job, do_job, finish, jobs_of, pending
from training.scale.shard_encoder import EncoderSpec


def extract_with_ray(
    spec: EncoderSpec, samples: Path, output: Path, *, precision: str, threads: int, workers: int
) -> Extracted:
    """Embed every shard of a folder that all hosts see, by so many actors of the cluster that Ray is connected to.

    A shard that cannot be read is told in `problems`. Raises ConfigurationError.
    """
    try:
        import ray  # noqa: PLC0415 (an extra)
        from ray import data  # noqa: PLC0415
    except ImportError as error:
        raise ConfigurationError(
            "Ray is not installed", remedy="pip install -r requirements/ray.txt, on every host", source="--ray"
        ) from error
    encoder = spec.open(threads=threads)
    output.mkdir(parents=True, exist_ok=True)
    jobs = jobs_of(samples.resolve(), output.resolve(), encoder.digest, precision)
    todo = pending(jobs)
    extracted = Extracted(done_before=len(jobs) - len(todo))
    if todo:
        ray.init(ignore_reinit_error=True)
        rows = [{name: str(value) for name, value in asdict(job).items()} for job in todo]
        gpus = 1 if encoder.network.device == "GPU" else None
        # a block a shard, so that none waits for another one's
        done = data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            _Worker,
            fn_constructor_args=(spec, threads),
            batch_size=1,
            compute=data.ActorPoolStrategy(size=min(workers, len(rows))),
            num_cpus=threads,
            num_gpus=gpus,
        )
        for row in done.iter_rows():
            if row["problem"]:
                extracted.problems[row["shard"]] = row["problem"]
            else:
                extracted.shards += 1
                extracted.embeddings += int(row["embeddings"])
    finish(jobs, output, extracted)
    return extracted


class _Worker:
    """An actor with the encoder loaded."""

    def __init__(self, spec: EncoderSpec, threads: int) -> None:
        self._encoder = spec.open(threads=threads)

    def __call__(self, batch: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Do the jobs of a batch; a column each of shards, of numbers of embeddings and of problems."""
        shards = [str(shard) for shard in batch["shard"]]
        embeddings, problems = [], []
        for number, shard in enumerate(shards):
            job = Job(
                Path(shard), Path(batch["output"][number]), str(batch["mark"][number]), str(batch["precision"][number])
            )
            try:
                embeddings.append(do_job(self._encoder, job))
                problems.append("")
            except OmnibindError as error:
                embeddings.append(0)
                problems.append(f"{error.problem} ({error.remedy})")
        return {"shard": np.array(shards), "embeddings": np.array(embeddings), "problem": np.array(problems)}
