"""The fusion heads by name."""

from training.config import DIMENSION
from training.fusion.heads.adaptive import AdaptiveFusion
from training.fusion.heads.head import FusionHead
from training.fusion.heads.linear import LinearFusion
from training.fusion.heads.mean import MeanFusion
from training.fusion.heads.outer_product import OuterProductFusion
from training.fusion.heads.reliable import ReliableFusion
from training.fusion.heads.unseen import UnseenFusion

# the one that goes into the bundle
BUNDLED = "reliable"
_HEADS: dict[str, type[FusionHead]] = {
    "mean": MeanFusion,
    "linear": LinearFusion,
    "outer_product": OuterProductFusion,
    "unseen": UnseenFusion,
    "af": AdaptiveFusion,
    BUNDLED: ReliableFusion,
}
HEADS = tuple(_HEADS)


def make_head(name: str, dimension: int = DIMENSION) -> FusionHead:
    """A fresh head. dimension: D. Raises KeyError for a name that is not one of `HEADS`."""
    return _HEADS[name](dimension)
