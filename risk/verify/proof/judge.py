"""A run's topics, read to their end, against what has to stand in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

import msgspec

from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.messages import Late, Score
from risk.engine.oracle import Expected
from risk.engine.rules import Ruleset
from risk.kafka.scan import read_all
from risk.verify import comparison
from risk.verify.comparison import Line
from risk.verify.proof.digest import (
    Hashes,
    Key,
    Outputs,
    differences,
    of_dead_letter,
    of_late,
    of_score,
    total,
)

SHOWN = 5


class Judgement(msgspec.Struct):
    """What a run's topics say. `problems` are all that is wrong, the first ones in words.

    `revisions` has how many events were settled by each revision; `repeated` counts records that
    came once more, as they may after a failure; `unneeded` corrections that changed nothing.
    """

    scored: int
    late: int
    rejected: int
    corrections: int
    revisions: dict[int, int]
    repeated: int
    unneeded: int
    scores_hash: str
    late_hash: str
    rejected_hash: str
    differences: int
    problems: list[str]


class Want(msgspec.Struct):
    """What the oracle says, in full and as hashes."""

    expected: Expected
    outputs: Outputs
    ruleset: Ruleset


class Scores:
    """The records of a topic of scores, taken in one by one; only hashes are kept."""

    def __init__(self) -> None:
        self._by_revision: defaultdict[Key, dict[int, list[bytes]]] = defaultdict(dict)
        self._decode = decoder(Score)
        self.repeated = 0

    def take(self, line: Line) -> None:
        """Take a record in. A partition's come in the order of their offsets."""
        score = self._decode(line.value or b"")
        key = score.event_id, score.user_id, score.event_time, score.late
        earlier = self._by_revision[key].setdefault(score.revision, [])
        self.repeated += bool(earlier)
        earlier.append(of_score(score))

    def settled(self) -> Hashes:
        """The last score of each event: of the highest revision, the last record."""
        return {key: said[max(said)][-1] for key, said in self._by_revision.items()}

    def revisions(self) -> dict[int, int]:
        """How many events were settled by each revision."""
        return dict(sorted(Counter(max(said) for said in self._by_revision.values()).items()))

    def corrections(self) -> int:
        """How many there were: each revision of each event after its first."""
        return sum(len(said) - 1 for said in self._by_revision.values())

    def wrong_revisions(self) -> list[str]:
        """Events that were said other than once, or twice as revisions 0 and 1."""
        return [
            f"event {key[0]} of user {key[1]} has revisions {sorted(said)}"
            for key, said in self._by_revision.items()
            if sorted(said) not in ([[0]] if key[-1] else [[0], [0, 1]])
        ]

    def unneeded(self) -> int:
        """Corrections that say what every record before them said."""
        return sum(
            set(said.get(0, ())) == {said[1][-1]}
            for said in self._by_revision.values()
            if 1 in said
        )


def judge(run_settings: Settings, want: Want) -> Judgement:
    """Read the topics of a run and compare them with the oracle. Raises `UserError`."""
    topics = run_settings.topics
    scores = Scores()
    for line in lines(run_settings, topics.scores):
        scores.take(line)
    decode = decoder(Late)
    late, late_again = _by_position(
        lines(run_settings, topics.late), lambda x: of_late(decode(x.value or b""))
    )
    dead, dead_again = _by_position(lines(run_settings, topics.dlq), of_dead_letter)
    found = Outputs(scores.settled(), late, dead)
    wrong = [list(differences(a, b)) for a, b in zip(found, want.outputs, strict=True)]
    revisions = scores.wrong_revisions()
    problems = [f"{topics.scores}: {problem}" for problem in revisions[:SHOWN]]
    for topic, keys in zip((topics.scores, topics.late, topics.dlq), wrong, strict=True):
        problems += [f"{topic}: {key}: {what}" for key, what in keys[:SHOWN]]
    if wrong[0]:
        problems += _in_words(run_settings, want)
    return Judgement(
        scored=sum(not late for *_, late in found.scores),
        late=len(late),
        rejected=len(dead),
        corrections=scores.corrections(),
        revisions=scores.revisions(),
        repeated=scores.repeated + late_again + dead_again,
        unneeded=scores.unneeded(),
        scores_hash=total(found.scores),
        late_hash=total(late),
        rejected_hash=total(dead),
        differences=sum(map(len, wrong)) + len(revisions),
        problems=problems,
    )


def lines(run_settings: Settings, topic: str) -> Iterator[Line]:
    """The records of a topic."""
    for message in read_all(run_settings, topic):
        yield Line(message.key(), message.value(), dict(message.headers() or ()))


def _by_position(
    found: Iterable[Line], read: Callable[[Line], tuple[Key, bytes]]
) -> tuple[Hashes, int]:
    """Each place's hash, and how many records told of a place once more."""
    hashes: Hashes = {}
    again = 0
    for line in found:
        place, content = read(line)
        again += place in hashes
        hashes[place] = content
    return hashes, again


def _in_words(run_settings: Settings, want: Want) -> list[str]:
    """The first events that differ, field by field."""
    found = comparison.scores(
        lines(run_settings, run_settings.topics.scores), want.expected, want.ruleset
    )
    return found.problems[:SHOWN]
