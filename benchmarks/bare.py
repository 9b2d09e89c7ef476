"""What no robot can do without: an image preprocessed, encoded and fused, in one process and nothing around it."""

from typing import Any

from omnibind_ros.fusion.fusion_head import Fusion, FusionHead
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.embedding import Embedding
from omnibind_ros.inference.encoder import Encoder
from omnibind_ros.messages.image import rgb_from_image
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.resources import backend_maker
from omnibind_ros.preprocessing.registry import make_preprocessor


class BarePath:
    """Image messages to fused embeddings, by the same functions and networks as in the nodes, on one thread."""

    def __init__(self, bundle: Bundle) -> None:
        make = backend_maker(1)
        image, fusion = bundle.description.encoders[Modality.IMAGE], bundle.description.fusion
        self._space = bundle.space
        self._preprocessor = make_preprocessor(Modality.IMAGE, bundle.settings[Modality.IMAGE])
        self._encoder = Encoder(bundle, Modality.IMAGE, make(bundle.content(image), image.file))
        self._head = FusionHead(make(bundle.content(fusion), fusion.file), dimension=bundle.dimension, file=fusion.file)
        self._encoder.warm_up()

    def __call__(self, message: Any) -> Fusion:
        """The fusion of this image alone."""
        self._preprocessor.add(rgb_from_image(message), 0)
        taken = self._preprocessor.take()
        assert taken is not None, "an image is complete"  # noqa: S101
        vector_D = self._encoder.encode([taken])[0]
        return self._head.fuse([Embedding("camera", Modality.IMAGE, vector_D, taken.quality, 0, "", self._space)])
