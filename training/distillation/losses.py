"""Losses of cross-modal alignment distillation (OmniBind, equations 2 to 6).

Shape legend: B batch, D embedding size, C columns. All embeddings are rows of unit length. Teachers and, in
the teacher terms, the temperature are detached here, so no caller can train them by accident.
"""

import torch
from torch import Tensor
from torch.nn import functional


def contrast_to_centre(student_BD: Tensor, centre_BD: Tensor, group_B: Tensor, temperature: Tensor | float) -> Tensor:
    """Multi-positive contrast of the student to the teacher it is aligned with, equation 2; a scalar.

    group_B: int64, equal where two rows carry the same meaning. The target of row i is spread evenly over all rows of
    its group, because captions repeat within a batch.
    """
    same_BB = (group_B[:, None] == group_B[None, :]).to(student_BD.dtype)
    target_BB = same_BB / same_BB.sum(dim=1, keepdim=True)
    log_match_BB = functional.log_softmax(student_BD @ centre_BD.detach().T / temperature, dim=1)
    return -(target_BB * log_match_BB).sum(dim=1).mean()


def cross_correspondence_loss(
    student_BD: Tensor, centre_BD: Tensor, other_BD: Tensor, temperature: Tensor | float
) -> Tensor:
    """KL(C || P(E_T E_M^T)) with C = P(E_T E_I^T), equations 3 and 4; a scalar.

    centre_BD: the teacher the student is aligned with, E_T; other_BD: the other one, E_I. The student is to stand where
    the other one stood: zero when the student's rows equal it. With the image as centre the two change places.
    """
    centre_BD, other_BD, temperature = _frozen(centre_BD), _frozen(other_BD), _frozen(temperature)
    return _row_divergence(centre_BD @ other_BD.T / temperature, centre_BD @ student_BD.T / temperature)


def self_correspondence_loss(
    student_BD: Tensor,
    text_BD: Tensor,
    image_BD: Tensor,
    temperature: Tensor | float,
    *,
    mask_diagonal: bool,
) -> Tensor:
    """KL(P(S) || P(E_M E_M^T)) with S the mean of both teachers' self-correspondence, equations 5 and 6; a scalar.

    mask_diagonal: leave out each row's similarity to itself, which is always 1 and drowns the others at small
    temperatures; needs B >= 2.
    """
    text_BD, image_BD, temperature = _frozen(text_BD), _frozen(image_BD), _frozen(temperature)
    teacher_BB = (image_BD @ image_BD.T + text_BD @ text_BD.T) / 2
    student_BB = student_BD @ student_BD.T
    if mask_diagonal:
        teacher_BB, student_BB = _off_diagonal(teacher_BB), _off_diagonal(student_BB)
    return _row_divergence(teacher_BB / temperature, student_BB / temperature)


def _frozen(value: Tensor | float) -> Tensor:
    return value.detach() if isinstance(value, Tensor) else torch.as_tensor(value)


def _row_divergence(teacher_logit_BC: Tensor, student_logit_BC: Tensor) -> Tensor:
    """KL(softmax(teacher) || softmax(student)) per row, averaged over the rows."""
    return functional.kl_div(
        functional.log_softmax(student_logit_BC, dim=1),
        functional.log_softmax(teacher_logit_BC, dim=1),
        reduction="batchmean",
        log_target=True,
    )


def _off_diagonal(square_BB: Tensor) -> Tensor:
    """The (B, B-1) entries beside the diagonal of a square matrix, row by row."""
    size = square_BB.shape[0]
    return square_BB.flatten()[1:].view(size - 1, size + 1)[:, :-1].reshape(size, size - 1)
