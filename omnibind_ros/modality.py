"""The modalities, with the numbers that stand for them on the wire."""

from enum import Enum


class Modality(str, Enum):
    """What kind of sensor an embedding comes from."""

    IMAGE = "image"
    TEXT = "text"
    THERMAL = "thermal"
    EVENT = "event"
    TOUCH = "touch"
    AUDIO = "audio"
    POINT = "point"

    def __str__(self) -> str:
        return self.value

    @property
    def code(self) -> int:
        """Number of this modality in the `modality` column of an embedding and in fusion heads. Never reordered."""
        return _ORDER.index(self)

    @classmethod
    def from_code(cls, code: int) -> "Modality":
        """Modality of a wire number. Raises ValueError for a number that stands for none."""
        if not 0 <= code < len(_ORDER):
            raise ValueError(f"no modality has the number {code}")
        return _ORDER[code]


_ORDER = (
    Modality.IMAGE,
    Modality.TEXT,
    Modality.THERMAL,
    Modality.EVENT,
    Modality.TOUCH,
    Modality.AUDIO,
    Modality.POINT,
)
