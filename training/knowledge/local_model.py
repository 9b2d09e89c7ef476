"""A language model of the transformers library on this computer, with or without eyes.

Shape legend: B batch of 1, L tokens of the prompt, A tokens of prompt and answer.
"""

import io
import threading
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from omnibind_ros.errors import ConfigurationError
from training.knowledge.question import Answer, Question, Sampling
from training.processes import device


class LocalModel:
    """A model from a folder that `save_pretrained` wrote; nothing is downloaded, and no code of the folder is run."""

    def __init__(self, folder: Path, *, sampling: Sampling = Sampling()) -> None:  # noqa: B008 it is frozen
        """Raises ConfigurationError when the folder holds no model of text, or of pictures and text."""
        if not folder.is_dir():
            raise ConfigurationError(
                "there is no such folder", remedy="download the model first: hf download NAME --local-dir FOLDER",
                source=str(folder),
            )  # fmt: skip
        try:
            self._model, self._reader, self._sees = _loaded(folder)
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise ConfigurationError(
                f"it holds no model that writes: {error}",
                remedy="name a folder with weights as safetensors, tokenizer and, of an image-text model, processor",
                source=str(folder),
            ) from error
        self._folder = folder
        self._sampling = sampling
        self._lock = threading.Lock()
        self.name = folder.resolve().name
        self.settings = repr(sampling)

    def answer(self, question: Question) -> Answer:
        """Draw an answer, the same for the same seed. Raises ConfigurationError for a picture it cannot see."""
        if question.picture is not None and not self._sees:
            raise ConfigurationError(
                "it sees no pictures", remedy="ask with --text-only, or name an image-text model",
                source=str(self._folder),
            )  # fmt: skip
        with self._lock, torch.inference_mode():
            torch.manual_seed(question.seed)
            given = self._prompt(question).to(self._model.device)
            draw = {"do_sample": True, "temperature": self._sampling.temperature} if self._sampling.temperature else {}
            token_BA = self._model.generate(
                **given, max_new_tokens=self._sampling.answer_tokens, **{"do_sample": False, **draw}
            )
        length = given["input_ids"].shape[1]
        answer_A = token_BA[0, length:]
        text = self._tokenizer.decode(answer_A, skip_special_tokens=True)
        is_cut = len(answer_A) >= self._sampling.answer_tokens and int(answer_A[-1]) not in self._last_tokens
        return Answer(str(text), is_cut, int(length), len(answer_A))

    @property
    def _tokenizer(self) -> Any:
        return getattr(self._reader, "tokenizer", self._reader)

    @property
    def _last_tokens(self) -> list[int]:
        last = self._model.generation_config.eos_token_id
        return [last] if isinstance(last, int) else list(last or ())

    def _prompt(self, question: Question) -> Any:
        """Tokens (B, L) and pixels, through the model's own chat template if it has one."""
        if not getattr(self._reader, "chat_template", None):
            if self._sees:
                raise ConfigurationError(
                    "its processor has no chat template", remedy="name a model that follows instructions",
                    source=str(self._folder),
                )  # fmt: skip
            return self._reader(question.prompt, return_tensors="pt")
        content: Any = question.prompt
        if self._sees:
            content = [{"type": "text", "text": question.prompt}]
            if question.picture is not None:
                picture = Image.open(io.BytesIO(question.picture)).convert("RGB")
                content.insert(0, {"type": "image", "image": picture})
        return self._reader.apply_chat_template(
            [{"role": "user", "content": content}],
            add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt",
        )  # fmt: skip


def _loaded(folder: Path) -> tuple[Any, Any, bool]:
    """Model, what makes its inputs, and whether it sees."""
    # seconds to import
    from transformers import (  # noqa: PLC0415
        AutoConfig,
        AutoModelForCausalLM,
        AutoModelForImageTextToText,
        AutoProcessor,
        AutoTokenizer,
    )
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    here: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    config = AutoConfig.from_pretrained(folder, **here)  # nosec B615
    sees = type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    kind, reader = (AutoModelForImageTextToText, AutoProcessor) if sees else (AutoModelForCausalLM, AutoTokenizer)
    model: Any = kind.from_pretrained(folder, use_safetensors=True, **here)
    return model.to(device()).eval(), reader.from_pretrained(folder, **here), sees
