"""What is asked: prompts from labels, attributes and what is known of a sensor.

A model that sees no picture can still write about one when it is told what is in it (LLaVA: Liu et al., "Visual
Instruction Tuning", 2023). Labels are described as in UniBind, whose request is a number of sentences related to
"A photo of a {category}".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from omnibind_ros.modality import Modality
from training.data.words import article
from training.projection.centres import PROMPT

ASPECTS = (
    "what it looks like: colours, parts, surface",
    "its shape, its size in centimetres and its proportions",
    "what it is made of, and how that feels to the touch",
    "what it is used for, and how it is held or moved",
    "where it is found, and what lies beside it",
    "the sound it makes when it is tapped, dropped or used",
    "how warm or cold it is, and how it keeps heat",
    "what tells it apart from similar things",
)
"""Each round of questions about a label has another one, so that the sentences differ."""


@dataclass(frozen=True)
class SensorFacts:
    """name: of the sensor. shows: what its readings mean, with their unit. hides: what nothing in them tells."""

    name: str
    shows: str
    hides: str


SENSORS: dict[Modality, SensorFacts] = {
    Modality.IMAGE: SensorFacts(
        "a colour camera", "the colour and brightness of the light that things send back", "temperature and sound"
    ),
    Modality.THERMAL: SensorFacts(
        "a thermal camera", "the temperature of surfaces, in degrees Celsius; warm is bright", "colour and print"
    ),
    Modality.EVENT: SensorFacts(
        "an event camera",
        "where brightness rises or falls, to the microsecond: the edges of what moves",
        "colour, and everything that stands still",
    ),
    Modality.TOUCH: SensorFacts(
        "a tactile sensor, a camera behind a soft gel",
        "the relief pressed into the gel, in tenths of a millimetre: edges, ribs, grain",
        "colour, and everything that does not touch the gel",
    ),
    Modality.AUDIO: SensorFacts(
        "a microphone",
        "sound pressure over time: pitch in hertz, loudness, how long a sound rings",
        "colour, shape and everything silent",
    ),
    Modality.POINT: SensorFacts(
        "a LiDAR", "distances in metres to points on surfaces: shape, size, posture", "colour and material"
    ),
}


def category_prompt(label: str, attributes: Sequence[str], *, count: int, words: int, aspect: str) -> str:
    """Asks for sentences about a label under one aspect."""
    lines = [
        f'Write {count} different sentences related to this sentence: "{PROMPT.format(category=label)}".',
        f"Write about {aspect}.",
        *_known(attributes),
        f"Name the {label} in every sentence; none refers to another one.",
        _form(count, words),
    ]
    return "\n".join(lines)


def item_prompt(
    label: str,
    modality: Modality,
    captions: Sequence[str],
    attributes: Sequence[str],
    *,
    count: int,
    words: int,
    pictured: bool,
) -> str:
    """Asks for sentences about one recording of a sensor.

    captions: true sentences about it, for a model that sees no picture; pictured: whether one comes with the question.
    """
    facts = SENSORS[modality]
    lines = [f"{facts.name[0].upper()}{facts.name[1:]} recorded {article(label)} {label}. It shows {facts.shows}."]
    if pictured and modality is Modality.IMAGE:
        lines.append("The picture is the recording. Describe what can be seen in it.")
    elif pictured:
        lines.append(
            f"The picture is a photo of the same thing. Describe what {facts.name} tells of it; {facts.hides} cannot "
            "be known from it."
        )
    else:
        lines.append(f"Describe what it tells; {facts.hides} cannot be known from it.")
    lines += _known([*captions, *attributes])
    lines += [f"Name the {label}.", _form(count, words)]
    return "\n".join(lines)


def _known(facts: Sequence[str]) -> list[str]:
    return [f"Known of it: {'; '.join(facts)}."] if facts else []


def _form(count: int, words: int) -> str:
    what = "one sentence" if count == 1 else f"{count} sentences, one a line"
    return f"Answer with {what}, of at most {words} words each, in English, and nothing else."
