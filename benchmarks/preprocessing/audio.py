"""A microphone's stream, and the filter bank alone."""

from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.timing import Action, Comparison
from omnibind_ros.messages.audio import AudioDecoder
from omnibind_ros.preprocessing.audio import PRESETS, AudioPreprocessor
from omnibind_ros.preprocessing.filterbank import log_mel
from omnibind_ros.preprocessing.model_input import ModelInput

COMPACT = PRESETS["compact"]
DRIVER_HZ = 48_000


def comparisons() -> list[Comparison]:
    """Cases whose reference is not installed are left out."""
    signal = np.random.default_rng(0).normal(0, 0.1, COMPACT.window_samples).astype(np.float32)
    recorded = messages()
    filter_bank = "audio 1 s → log-mel 98×64"
    stream = "audio 11 messages of 0.1 s, 48 kHz stereo → 98×64"

    def log_mel_ours() -> object:
        return log_mel(signal, COMPACT.filterbank)

    cases = []
    if find_spec("kaldi_native_fbank"):
        kaldi = "kaldi-native-fbank"
        cases += [
            Comparison(filter_bank, log_mel_ours, kaldi, lambda: kaldi_log_mel(signal)),
            Comparison(stream, lambda: ours(recorded), f"soxr and {kaldi} by hand", lambda: by_hand(recorded)),
        ]
    if find_spec("torchaudio"):
        cases.append(Comparison(filter_bank, log_mel_ours, "torchaudio", _torch(signal)))
    return cases


def messages() -> list[SimpleNamespace]:
    """Stereo noise, 16 bits at 48 kHz: a window of a second and what a resampler holds back."""
    stereo = np.random.default_rng(1).normal(0, 0.1, (11, DRIVER_HZ // 10, 2))
    return [SimpleNamespace(data=(chunk * 32767).astype("<i2").tobytes()) for chunk in stereo]


def ours(recorded: list[SimpleNamespace]) -> ModelInput | None:
    """The input of the first window of a stream."""
    decoder, preprocessor = AudioDecoder(DRIVER_HZ, 2, "S16LE"), AudioPreprocessor(COMPACT)
    for number, message in enumerate(recorded):
        preprocessor.add(decoder.decode(message), number * 100_000_000)
    return preprocessor.take()


def by_hand(recorded: list[SimpleNamespace]) -> NDArray[np.float32]:
    """The same input (1, 98, 64)."""
    resampler = soxr.ResampleStream(DRIVER_HZ, COMPACT.rate_hz, num_channels=1, dtype="float32")
    parts = []
    for message in recorded:
        stereo = np.frombuffer(message.data, "<i2").reshape(-1, 2).astype(np.float32) / 32768
        parts.append(resampler.resample_chunk((stereo[:, 0] + stereo[:, 1]) / 2))
    signal = np.concatenate(parts)[: COMPACT.window_samples]
    return ((kaldi_log_mel(signal) - COMPACT.mean) / COMPACT.std)[None].astype(np.float32)


def kaldi_log_mel(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-mel (98, 64) of a second at 16 kHz."""
    import kaldi_native_fbank  # noqa: PLC0415

    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0.0
    options.frame_opts.window_type = COMPACT.filterbank.window
    options.mel_opts.num_bins = COMPACT.filterbank.bins
    options.htk_compat = True
    options.use_energy = False
    bank = kaldi_native_fbank.OnlineFbank(options)
    bank.accept_waveform(COMPACT.rate_hz, signal)
    bank.input_finished()
    return np.array([bank.get_frame(frame) for frame in range(bank.num_frames_ready)])


def _torch(signal: NDArray[np.float32]) -> Action:
    import torch  # noqa: PLC0415
    from torchaudio.compliance.kaldi import fbank  # noqa: PLC0415

    torch.set_num_threads(1)
    waveform = torch.from_numpy(signal)[None]
    return lambda: fbank(
        waveform, num_mel_bins=COMPACT.filterbank.bins, window_type="hanning", htk_compat=True, dither=0.0
    )
