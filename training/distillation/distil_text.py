"""The text student: a small encoder that answers like the text tower, without the sentence encoder's 90 MB.

Shape legend: M sentences, B batch, L tokens, D embedding size.
"""

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from training.config import TrainingConfig
from training.data.sample_set import SampleSet
from training.data.words import all_words, common_phrases
from training.distillation import losses
from training.distillation.distil import label_accuracy, save_student
from training.optimise import learnable_temperature, optimise, seed_everything
from training.students.students import TextStudent, parameter_count
from training.students.tokens import tokens_of, train_tokenizer
from training.teachers.teach import Teachers, embed
from training.teachers.text_tower import encode_sentences

TOKENIZER_FILE = "tokenizer.json"
_BATCH = 256


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
    generator = seed_everything(config.seed)
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
    token_ML = tokens_of(tokenizer, sentences)
    target_MD = teachers.projection(encode_sentences(sentences))
    student = TextStudent()
    log_temperature = learnable_temperature()

    def loss_of_step(_: int) -> Tensor:
        row_B = torch.randint(len(sentences), (_BATCH,), generator=generator)
        student_BD = student(token_ML[row_B])
        contrast = losses.contrast_to_text(student_BD, target_MD[row_B], row_B, log_temperature.exp().clamp(min=0.01))
        distance = 1 - functional.cosine_similarity(student_BD, target_MD[row_B]).mean()
        return contrast + 5 * distance

    parameters = [*student.parameters(), log_temperature]
    settings = config.distil
    loss = optimise([{"params": parameters, "lr": settings.learning_rate}], settings.text_steps, loss_of_step, "text")
    embedding_ND = embed(student, tokens_of(tokenizer, held_out.hints))
    accuracy = label_accuracy(embedding_ND, held_out.label_N, teachers.centre_KkD)
    save_student(folder, student, {"accuracy": accuracy, "loss": loss, "samples": len(sentences)})
    print(f"text: {accuracy:.1%} of {len(held_out)} held-out hints, {parameter_count(student):,} parameters")
