"""The tool `index-embeddings`."""

from argparse import ArgumentParser, Namespace
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import load_bundle
from omnibind_ros.pipeline.resources import backend_maker, bundle_folder
from omnibind_ros.retrieval.memory import Hit, Memory
from omnibind_ros.retrieval.question import parse_question
from omnibind_ros.retrieval.store import NANOSECONDS, StoreSettings
from omnibind_ros.retrieval.store_file import StoreFile
from omnibind_ros.retrieval.view import View
from omnibind_ros.retrieval.words import Words
from training.arguments import positive
from training.retrieval.index import index_sources
from training.step import Tool

_MEMORY = "the memory, a .safetensors file: made anew from the sources, or only asked when there are none"
_SOURCE = "a bag, the folder of a split, or a folder or table of labelled recordings"
_DEFAULTS = StoreSettings()


def _index_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("memory", type=Path, help=_MEMORY)
    parser.add_argument("sources", nargs="*", metavar="source", help=_SOURCE)
    parser.add_argument(
        "--bundle", default="omnibind-sim", help="the robot's: a shipped one, or a folder (%(default)s)"
    )
    parser.add_argument("--max-entries", type=positive, default=_DEFAULTS.most, help="most things kept (%(default)s)")
    parser.add_argument("--config", type=Path, help="parameter file of the perception node that names a bag's sources")
    parser.add_argument("--namespace", default="", help="namespace of the perception node, for relative topics")
    parser.add_argument("--query", action="append", default=[], help="`red cup - metal`; may be repeated")
    parser.add_argument("--hits", type=positive, default=10, help="most hits for a query (%(default)s)")


def _index(options: Namespace) -> None:
    questions = [parse_question(text) for text in options.query]
    folder = bundle_folder(options.bundle)
    bundle = load_bundle(folder)
    limits = StoreSettings(most=options.max_entries)
    if not options.sources and not options.memory.is_file():
        raise ConfigurationError("there is no memory to ask", remedy="name sources", source=str(options.memory))
    with closing(StoreFile(options.memory)) as file:
        if options.sources:
            store = index_sources(options.sources, bundle, limits, config=options.config, namespace=options.namespace)
            file.write(store)
        else:
            store = file.read(bundle.space, bundle.dimension, limits)
    print(f"{options.memory}: {len(store)} things that were seen, {len({one.label for one in store.entries})} labels")
    if not questions:
        return
    with closing(Memory(store, Words(folder, bundle.space, backend_maker(threads=1)))) as memory:
        for question in questions:
            print(question)
            for hit in memory.ask(question, View(), options.hits):
                print(f"  {_told(hit)}")


def _told(hit: Hit) -> str:
    entry = hit.entry
    modalities = ", ".join(sorted(map(str, entry.modalities)))
    last = datetime.fromtimestamp(entry.last_ns / NANOSECONDS, timezone.utc).isoformat(" ", "seconds")
    return f"{hit.similarity:6.3f}  {entry.label}  ({entry.frame_id}; {modalities}; {entry.count} times, last {last})"


STEPS: tuple[Tool, ...] = (
    Tool("index-embeddings", "make a robot's memory from recordings or bags, and ask it", _index, _index_arguments),
)
