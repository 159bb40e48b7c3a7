"""The ladder: how the messages of one direction are told apart, the surest way first.

    1. by what they are: objects, arrays, strings
    2. by one place with different values, the shallowest: a tag at the top level, then below it or in an array; or with
       strings of different patterns, as the addresses of topics are
    3. by a further place, where messages share the value of the first one
    4. by a key that only some of them must have, then by one that only some of them may have
    5. by values that are only known from examples or the name of the channel
    6. by trial, where the user asked for it

What is left is undecided, and is reported: a message that could be any of several is delivered as unknown, unless what
has been subscribed to leaves one. The decision is the same whenever the document is: ties go to the order in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from typedws.schema.building.facts import Facts, Value
from typedws.schema.decisions import (
    ByKey,
    ByKind,
    ByPattern,
    ByValue,
    Decision,
    Kind,
    Only,
    Path,
    Tagged,
    Trial,
    Undecided,
)

__all__ = ["Ladder", "narrow"]

_USUAL_TAGS: Final = ("type", "event", "op", "action", "method", "kind", "cmd", "msg", "e", "channel", "topic", "name")

_MAX_CALLS: Final = 4000


@dataclass(slots=True)
class Ladder:
    """Tells messages apart.

    Args:
        assign_tag: asked whether all of these may be told apart by one field that they know themselves; gives them the
            field if so.
        forced: the place to look at first, where the user named one.
        trial: whether what nothing tells apart is tried one after the other.
    """

    assign_tag: Callable[[str, dict[Value, str]], bool]
    forced: Path | None = None
    trial: bool = False
    _calls: int = 0

    def decide(self, facts: Sequence[Facts]) -> Decision[str]:
        """The decision for these messages, at least one."""
        self._calls = 0
        decided = self._by_kind(list(facts))
        return self._tagged(decided) or decided

    def _by_kind(self, group: list[Facts]) -> Decision[str]:
        by_kind: dict[Kind, list[Facts]] = {}
        anything = [facts for facts in group if not facts.kinds]
        for facts in group:
            for kind in sorted(facts.kinds):
                by_kind.setdefault(kind, []).append(facts)
        if len(by_kind) + bool(anything) <= 1:
            return self._split(group, top=True)
        cases: dict[Kind, Decision[str]] = {}
        for kind, members in by_kind.items():
            decided = self._split(members, top=True)
            cases[kind] = self._tagged(decided) or decided
        return ByKind(cases, self._rest(anything) if anything else None)

    def _split(self, group: list[Facts], *, top: bool = False) -> Decision[str]:
        self._calls += 1
        if self._calls > _MAX_CALLS:
            return self._rest(group)
        if top and self.forced is not None:
            decided = self._at(self.forced, group) or self._by_hints(group, self.forced)
            if decided is not None:
                return decided
        if len(group) == 1:
            return self._alone(group[0]) if top else self._guarded(group[0])
        places = _places(group)
        sure = [place for place in places if place.is_tag]
        steps: list[Callable[[], Decision[str] | None]] = [
            lambda: self._at(sure[0].path, group) if sure else None,
            lambda: self._by_pattern(group, every=True),
            lambda: self._by_required_keys(group),
            lambda: self._at(places[0].path, group) if places else None,
            lambda: self._by_pattern(group),
            lambda: self._by_hints(group),
            lambda: self._by_optional_keys(group),
        ]
        for step in steps:
            decided = step()
            if decided is not None:
                return decided
        return self._rest(group)

    def _guarded(self, facts: Facts) -> Decision[str]:
        """One message that is left of several: what has neither its values nor its keys is unknown."""
        alone = self._alone(facts)
        if not isinstance(alone, Only) or not facts.keys:
            return alone
        keys = [key for key in facts.keys if key in facts.required_keys][:1] or list(facts.keys)
        return ByKey({key: alone for key in keys})

    def _alone(self, facts: Facts) -> Decision[str]:
        """One message; anything else than its own values is unknown."""
        places = [path for path in facts.values if len(path) <= 1 and path in facts.required]
        places.sort(key=lambda path: (_usual(path), len(facts.values[path])))
        single = [path for path in places if len(facts.values[path]) == 1 or _usual(path) < len(_USUAL_TAGS)]
        if not single:
            return Only(facts.name)
        return ByValue(single[0], {value: Only(facts.name) for value in facts.values[single[0]]})

    def _at(self, path: Path, group: list[Facts]) -> Decision[str] | None:
        """By the value at a place; None where that leaves as much to do as before."""
        by_value: dict[Value, list[Facts]] = {}
        for facts in group:
            for value in facts.values.get(path, ()):
                by_value.setdefault(value, []).append(facts)
        without = [facts for facts in group if path not in facts.values]
        if not by_value or any(len(members) == len(group) for members in by_value.values()):
            return None
        cases: dict[str | int | bool, Decision[str]] = {
            value: self._split(members) if len(members) > 1 else Only(members[0].name)
            for value, members in by_value.items()
        }
        return ByValue(path, cases, self._split(without) if without else None)

    def _by_pattern(self, group: list[Facts], *, every: bool = False) -> Decision[str] | None:
        """By what the strings at a place look like; `every` where all messages must have a pattern there."""
        for path in dict.fromkeys(path for facts in group for path in facts.patterns):
            cases: dict[str, list[Facts]] = {}
            for facts in group:
                if path in facts.patterns:
                    cases.setdefault(facts.patterns[path], []).append(facts)
            left = [facts for facts in group if path not in facts.patterns]
            if len(cases) < 2 or (every and left):
                continue
            return ByPattern(
                path,
                {
                    pattern: self._split(members) if len(members) > 1 else Only(members[0].name)
                    for pattern, members in cases.items()
                },
                self._split(left) if left else None,
            )
        return None

    def _by_required_keys(self, group: list[Facts]) -> Decision[str] | None:
        """By keys that only some of the messages have, and that those must have."""
        cases: dict[str, Decision[str]] = {}
        settled: set[str] = set()
        for key, members in _exclusive_keys(group):
            names = {facts.name for facts in members}
            if not names & settled and all(key in facts.required_keys for facts in members):
                cases[key] = self._behind_key(members)
                settled |= names
        left = [facts for facts in group if facts.name not in settled]
        return ByKey(cases, self._split(left) if left else None) if cases else None

    def _behind_key(self, members: list[Facts]) -> Decision[str]:
        """What follows from a key; its value may say more, but the key is enough to know one message."""
        if len(members) > 1:
            return self._split(members)
        alone = self._alone(members[0])
        return alone if isinstance(alone, ByValue) else Only(members[0].name)

    def _by_optional_keys(self, group: list[Facts]) -> Decision[str] | None:
        """By keys that only some of the messages may have; a message that has none of them could be any."""
        cases: dict[str, Decision[str]] = {}
        settled: dict[frozenset[str], Decision[str]] = {}
        for key, members in _exclusive_keys(group):
            names = frozenset(facts.name for facts in members)
            if names not in settled and any(names & others for others in settled):
                continue
            if names not in settled:
                settled[names] = self._behind_key(members)
            cases[key] = settled[names]
        return ByKey(cases, self._rest(group)) if cases else None

    def _by_hints(self, group: list[Facts], only: Path | None = None) -> Decision[str] | None:
        """By what examples and the names of channels say, where that differs."""
        best: dict[Value, list[Facts]] = {}
        chosen: Path | None = None
        fewest = 0
        for place in dict.fromkeys(place for facts in group for place in facts.hints):
            if only is not None and place != only:
                continue
            by_value: dict[Value, list[Facts]] = {}
            for facts in group:
                for value in facts.hints.get(place) or facts.values.get(place, ()):
                    by_value.setdefault(value, []).append(facts)
            telling = {value: members for value, members in by_value.items() if len(members) * 2 <= len(group)}
            found = {facts.name for members in telling.values() for facts in members}
            if len(telling) >= 2 and len(found) > fewest:
                best, chosen, fewest = telling, place, len(found)
        if chosen is None:
            return None
        cases: dict[str | int | bool, Decision[str]] = {
            value: self._split(who) if len(who) > 1 else Only(who[0].name) for value, who in best.items()
        }
        # Any of them may also say something that no example shows.
        return ByValue(chosen, cases, self._by_optional_keys(group) or self._rest(group))

    def _rest(self, group: list[Facts]) -> Decision[str]:
        names = tuple(facts.name for facts in group)
        if len(names) == 1:
            return self._guarded(group[0])
        return Trial(names) if self.trial else Undecided(names)

    def _tagged(self, decided: Decision[str]) -> Decision[str] | None:
        """The same decision in one decode, where every message can know its own tag."""
        if not isinstance(decided, ByValue) or len(decided.path) != 1 or decided.otherwise is not None:
            return None
        field = decided.path[0]
        if not isinstance(field, str):
            return None
        forms: dict[Value, str] = {}
        for value, case in decided.cases.items():
            if not isinstance(case, Only):
                return None
            forms[value] = case.form
        one_kind = len({isinstance(value, str) for value in forms}) == 1
        if not one_kind or len(set(forms.values())) != len(forms) or not self.assign_tag(field, forms):
            return None
        return Tagged(field, forms)


def narrow(group: Sequence[Facts]) -> None:
    """Takes one value for each message where several list the same ones, and names or examples say which is whose."""
    shared: dict[tuple[Path, tuple[Value, ...]], list[Facts]] = {}
    for facts in group:
        for path, values in facts.values.items():
            if len(values) > 1 and path in facts.hints:
                shared.setdefault((path, values), []).append(facts)
    for (path, _), members in shared.items():
        likely = [facts.hints[path][0] for facts in members]
        if len(members) > 1 and len(set(likely)) == len(members):
            for facts, value in zip(members, likely, strict=True):
                facts.values[path] = (value,)
                del facts.hints[path]


@dataclass(frozen=True, slots=True)
class _Place:
    """A place whose values tell messages apart; `is_tag` where it does so for all of them, or was made for it."""

    path: Path
    is_tag: bool


def _places(group: list[Facts]) -> list[_Place]:
    """The places whose values tell messages apart, the best first.

    A place counts if few messages share values there, and no message has many of them: an enumeration that several
    messages have is something that they say, and not what they are.
    """
    ranked: list[tuple[tuple[object, ...], _Place]] = []
    for path in dict.fromkeys(path for facts in group for path in facts.values):
        holders = [facts for facts in group if path in facts.values]
        sets = [frozenset(facts.values[path]) for facts in holders]
        confused = _confused(sets)
        pairs = len(holders) * (len(holders) - 1) // 2
        is_full = len(holders) == len(group)
        # Every message has one value of its own there, though some have the same: this is what the field is for.
        is_identity = is_full and len(path) == 1 and all(len(values) == 1 for values in sets) and len(set(sets)) > 1
        if is_identity or (is_full and not confused):
            useful = True
        else:
            few = all(len(values) <= 4 for values in sets)
            open_elsewhere = any(path in facts.open for facts in group)
            useful = few and confused * 2 <= pairs and (len(holders) > 1 or not (open_elsewhere or is_full))
            # Below the top level, a few messages that have a value say little about those that have none.
            useful = useful and (len(path) == 1 or len(holders) * 2 > len(group))
        if not useful:
            continue
        certain = all(path in facts.required for facts in holders)
        missing = len(group) - len(holders)
        is_tag = (
            is_identity
            or (is_full and (certain or _usual(path) < len(_USUAL_TAGS)))
            or (len(path) == 1 and len(holders) > 1 and all(len(values) == 1 for values in sets))
        )
        rank = (not is_identity, confused + missing, len(path), not certain, _usual(path))
        ranked.append((rank, _Place(path, is_tag)))
    ranked.sort(key=lambda item: item[0])
    return [place for _, place in ranked]


def _exclusive_keys(group: list[Facts]) -> list[tuple[str, list[Facts]]]:
    """The keys that not all messages have, with those that have them, fewest first."""
    owners: dict[str, list[Facts]] = {}
    for facts in group:
        for key in facts.keys:
            owners.setdefault(key, []).append(facts)
    exclusive = [(key, members) for key, members in owners.items() if len(members) < len(group)]
    return sorted(exclusive, key=lambda item: len(item[1]))


def _confused(sets: Sequence[frozenset[Value]]) -> int:
    if len(sets) > 300:
        by_value: dict[Value, int] = {}
        for values in sets:
            for value in values:
                by_value[value] = by_value.get(value, 0) + 1
        return sum(count * (count - 1) // 2 for count in by_value.values())
    return sum(
        1 for index, left in enumerate(sets) for right in sets[index + 1 :] if left & right or (not left and not right)
    )


def _usual(path: Path) -> int:
    last = path[-1] if path else ""
    return _USUAL_TAGS.index(last) if last in _USUAL_TAGS else len(_USUAL_TAGS)
