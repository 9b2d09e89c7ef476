"""A reader: the messages of one source in, model inputs out."""

import zlib
from collections.abc import Callable
from typing import Any

from tokenizers import Tokenizer

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.messages.audio import AudioDecoder
from omnibind_ros.modality import Modality
from omnibind_ros.pipeline.source_settings import STREAMS, SourceSettings
from omnibind_ros.preprocessing.model_input import ModelInput
from omnibind_ros.preprocessing.registry import make_preprocessor

Decode = Callable[[Any], Any]


class Reader:
    """Decodes and preprocesses one source's messages; holds the state this needs (windows, references, decoders)."""

    def __init__(self, settings: SourceSettings, bundle: Bundle) -> None:
        self._audio = _audio_decoder(settings) if settings.modality is Modality.AUDIO else None
        self._decode = self._audio.decode if self._audio else _decoder(settings.modality)
        self._preprocessor = make_preprocessor(
            settings.modality, bundle.settings[settings.modality], **_resources(settings, bundle)
        )

    def read(self, message: Any, stamp_ns: int) -> None:
        """Take one message. Raises MessageError or InputError when it cannot be used."""
        self._preprocessor.add(self._decode(message), stamp_ns)

    def describe(self, info: Any) -> None:
        """Take what an `AudioInfo` says of the sound that is read. Raises MessageError when it cannot be read so."""
        if self._audio is not None:
            self._audio.update_info(info)

    def take(self) -> ModelInput | None:
        """The newest model input that was not taken yet. Raises InputError."""
        return self._preprocessor.take()


def same_reading(modality: Modality, one: Bundle, other: Bundle) -> bool:
    """Whether two bundles make the same model inputs of a modality."""
    if modality is Modality.TEXT and one.description.tokenizer != other.description.tokenizer:
        return False
    return one.settings.get(modality) == other.settings.get(modality)


def content_fingerprint(modality: Modality, message: Any) -> int | None:
    """A number that changes when what the sensor saw changes; None where repeats are normal.

    A prompt may be repeated, a stream may be silent: only frames and clouds of a real sensor never come twice.
    """
    if modality in STREAMS or modality is Modality.TEXT:
        return None
    return zlib.crc32(message.data)


def make_decoder(settings: SourceSettings) -> Decode:
    """What turns one source's messages into arrays; it holds the state this needs. It raises MessageError."""
    return _audio_decoder(settings).decode if settings.modality is Modality.AUDIO else _decoder(settings.modality)


def _decoder(modality: Modality) -> Decode:
    # Imported on need: each drags in its own libraries, and a robot rarely has all seven sensors.
    match modality:
        case Modality.IMAGE | Modality.TOUCH:
            from omnibind_ros.messages.image import rgb_from_image  # noqa: PLC0415

            return rgb_from_image
        case Modality.THERMAL:
            from omnibind_ros.messages.image import intensity_from_image  # noqa: PLC0415

            return intensity_from_image
        case Modality.EVENT:
            from omnibind_ros.messages.events import EventDecoder  # noqa: PLC0415

            return EventDecoder().decode
        case Modality.POINT:
            from omnibind_ros.messages.points import points_from_cloud  # noqa: PLC0415

            return points_from_cloud
        case _:
            from omnibind_ros.messages.text import text_from_message  # noqa: PLC0415

            return text_from_message


def _audio_decoder(settings: SourceSettings) -> AudioDecoder:
    audio = settings.audio
    return AudioDecoder(audio.rate_hz, audio.channels, audio.sample_format)


def _resources(settings: SourceSettings, bundle: Bundle) -> dict[str, Any]:
    """What a preprocessor needs besides the bundle's constants."""
    tokenizer = bundle.description.tokenizer
    if settings.modality is Modality.TEXT and tokenizer is not None:
        return {"tokenizer": Tokenizer.from_str(bundle.content(tokenizer).decode())}
    if settings.modality is Modality.TOUCH and settings.touch_reference is not None:
        return {"reference": settings.touch_reference}
    return {}
