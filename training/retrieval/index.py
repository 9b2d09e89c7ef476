"""One memory from any number of splits, labelled recordings and bags."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.retrieval.sighting import Sighting
from omnibind_ros.retrieval.store import Store, StoreSettings
from training.data.sample_index import INDEX_FILE
from training.data.sources import read_source
from training.retrieval.sightings import sightings_of_bag, sightings_of_recordings, sightings_of_split

_BAGS = {".mcap", ".db3"}
# Labelled samples are different things, however alike they look.
_NEVER_THE_SAME = 1.1


def index_sources(
    sources: Sequence[str], bundle: Bundle, settings: StoreSettings, *, config: Path | None = None, namespace: str = ""
) -> Store:
    """A store of all there is to see in the sources, in their order.

    A source is a bag, the folder of a split, or a folder or table of recordings; config, namespace: of the perception
    node, for bags. Raises BagError, ConfigurationError, MessageError and BackendError.
    """
    store = Store(bundle.space, bundle.dimension, settings)
    for source in sources:
        path = Path(source).expanduser()
        if not path.exists():
            raise ConfigurationError("there is no such file or folder", remedy="check the path", source=source)
        if _is_bag(path):
            store = _with(store, sightings_of_bag(path, bundle, config, namespace), settings)
        else:
            split = (path / INDEX_FILE).is_file()
            seen = sightings_of_split(path, bundle) if split else sightings_of_recordings(read_source(source), bundle)
            store = _with(store, seen, replace(settings, merge_similarity=_NEVER_THE_SAME))
    return store


def _is_bag(path: Path) -> bool:
    if path.is_dir():
        return (path / "metadata.yaml").is_file() or any(one.suffix in _BAGS for one in path.iterdir())
    return path.suffix in _BAGS


def _with(store: Store, seen: Iterable[Sighting], settings: StoreSettings) -> Store:
    """A store with what is in another one and what was seen."""
    more = Store(store.space, store.dimension, settings, store.entries)
    for sighting in seen:
        more.add(sighting)
    return more
