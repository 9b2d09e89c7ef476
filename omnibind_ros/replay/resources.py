"""What a replay uses of the computer it runs on: the cache of label centres, and the terminal."""

import sys
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.progress import Progress

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.pipeline.encoders import MakeBackend
from omnibind_ros.pipeline.resources import cache_folder
from omnibind_ros.recognition.centre_cache import CentreCache
from omnibind_ros.recognition.label_bank import LabelBank
from omnibind_ros.recognition.label_centres import bank_for
from omnibind_ros.replay.bag import Bag, Recorded, Topic


def label_bank(labels: Sequence[str], bundle: Bundle, make_backend: MakeBackend) -> LabelBank | None:
    """The bank of these labels, as `bank_for` makes it, with this user's cache."""
    cache = CentreCache(cache_folder() / "centres", lambda problem: print(problem, file=sys.stderr))
    return bank_for(labels, bundle, make_backend, cache)


def messages_with_progress(bag: Bag, topics: tuple[Topic, ...]) -> Iterator[Recorded]:
    """The messages of some topics; the terminal, if there is one, shows how far they are read."""
    console = Console(stderr=True)
    messages: Iterable[Recorded] = bag.messages(topics) if topics else ()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(messages, total=sum(topic.messages for topic in topics), description="replay")
