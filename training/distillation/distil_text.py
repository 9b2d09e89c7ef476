"""The text student: a small encoder that answers like the text tower, without the sentence encoder's 90 MB.

Shape legend: M sentences, B batch, L tokens, D embedding size.
"""

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from omnibind_ros.modality import Modality
from training.config import TrainingConfig
from training.data.sample_set import SampleSet
from training.data.words import all_words, common_phrases
from training.distillation import losses
from training.distillation.distil import label_accuracy
from training.distillation.recipes import finish_student, start_student
from training.optimise import learnable_temperature, optimise, seed_everything
from training.processes import device, gathered, on_device, own_share
from training.students.students import parameter_count
from training.students.text import TEXT_LENGTH
from training.students.tokens import tokens_of, train_tokenizer
from training.teachers.teach import Teachers, embed
from training.teachers.text_tower import encode_sentences

TOKENIZER_FILE = "tokenizer.json"
_BATCH = 256
_WEIGHT_DISTANCE = 5


def distil_text(
    folder: Path,
    config: TrainingConfig,
    *,
    train: SampleSet,
    held_out: SampleSet,
    labels: tuple[str, ...],
    teachers: Teachers,
) -> None:
    """Train tokenizer and text student on captions and common phrases, and store both.

    Besides the contrast to the tower, each sentence is drawn straight to the tower's embedding: unlike a sensor, text
    can stand exactly where its teacher stands.
    """
    order = seed_everything(config.seed)
    captions = [caption for sample in train.captions for caption in sample]
    sentences = list(
        dict.fromkeys(
            [
                *captions,
                *train.hints,
                *all_words(),
                *common_phrases(config.distil.text_phrases, config.seed + 1, labels),
            ]
        )
    )
    tokenizer = train_tokenizer(sentences)
    tokenizer.save(str(folder / TOKENIZER_FILE))
    token_ML = tokens_of(tokenizer, sentences).to(device())
    target_MD = teachers.projection(encode_sentences(sentences)).to(device())
    settings = config.distil
    student = on_device(start_student(settings, Modality.TEXT, (TEXT_LENGTH,), teachers.image_teacher))
    log_temperature = learnable_temperature()

    def loss_of_step(_: int) -> dict[str, Tensor]:
        row_B = own_share(torch.randint(len(sentences), (_BATCH,), generator=order)).to(device())
        student_BD, target_BD, row_B = gathered(student(token_ML[row_B])), gathered(target_MD[row_B]), gathered(row_B)
        temperature = log_temperature.exp().clamp(min=0.01)
        distance = 1 - functional.cosine_similarity(student_BD, target_BD).mean()
        return {
            "contrast": losses.contrast_to_centre(student_BD, target_BD, row_B, temperature),
            "distance": _WEIGHT_DISTANCE * distance,
        }

    loss = optimise(
        [{"params": [*student.parameters(), log_temperature], "lr": settings.learning_rate}],
        settings.text_steps,
        loss_of_step,
        "text",
        folder=folder,
        generators=[order],
        log_temperature=log_temperature,
    )
    embedding_ND = embed(student, tokens_of(tokenizer, held_out.hints))
    accuracy = label_accuracy(embedding_ND, held_out.label_N, teachers.centre_KkD)
    metrics = {"accuracy": accuracy, "loss": loss, "samples": len(sentences)}
    finish_student(folder, settings, Modality.TEXT, student=student, teacher=teachers.image_teacher, metrics=metrics)
    print(f"text: {accuracy:.1%} of {len(held_out)} held-out hints, {parameter_count(student):,} parameters")
