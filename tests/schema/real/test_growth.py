"""A document grows, and the classes that were there keep their names: programs that use them are not touched."""

from __future__ import annotations

import copy
import json
import random
from typing import Any, Final

import pytest

from tests.schema.real.documents import DOCUMENTS, FOLDER, MODELS, executed, needs_documents
from tests.schema.real.originals import ORIGINALS
from typedws import SchemaError
from typedws.schema.document import load
from typedws.schema.emit.naming import Models
from typedws.schema.generating import Generated, generate, names_in

pytestmark = needs_documents

SEEDS: Final = range(2)

GROWING: Final = [
    name
    for name in (
        "chanx-client-fixture.json", "bitget.yaml", "drivemarkets.yaml", "fishaudio.yml", "iotype.yaml", "kraken-filter-reply.yml",
        "krakenfutures.yaml", "mobula.yaml", "reya-exec/asyncapi-exec-v2.yaml", "slack-rtm.yml", "tickdb.json", "firezone.yml", "anychat.yaml",
        "voiceblender/asyncapi.yaml", "deepgram.yml",
    )
    if name in DOCUMENTS
]  # fmt: skip


SLOW: Final = ("voiceblender/asyncapi.yaml",)


def value_of(name: str) -> dict[str, Any]:
    value: dict[str, Any] = copy.deepcopy(load(FOLDER / name).node.value)
    return value


def smaller(value: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The document as it may have been before: with fewer messages, operations and channels, and no loose ends."""
    value = copy.deepcopy(value)
    components = value.get("components") or {}
    sections = [components.get("messages"), components.get("schemas"), value.get("operations"), value.get("channels")]
    sections += [
        channel.get("messages") for channel in (value.get("channels") or {}).values() if isinstance(channel, dict)
    ]
    for section in sections:
        if isinstance(section, dict) and len(section) > 1:
            for key in chance.sample(list(section), chance.randint(0, len(section) // 3)):
                del section[key]
    while _drop_loose_ends(value, value):
        pass
    operations = value.get("operations") or {}
    for key in [key for key, each in operations.items() if "channel" not in each]:
        del operations[key]
    for each in operations.values():
        if isinstance(each.get("reply"), dict) and not each["reply"].get("messages"):
            del each["reply"]
    return value


def _drop_loose_ends(value: Any, root: dict[str, Any]) -> bool:
    """Takes away what refers to something that is gone; whether there was any."""
    found = False
    if isinstance(value, dict):
        for key, inner in list(value.items()):
            if _is_loose(inner, root):
                del value[key]
                found = True
            else:
                found |= _drop_loose_ends(inner, root)
    elif isinstance(value, list):
        kept = [each for each in value if not _is_loose(each, root)]
        found = len(kept) != len(value)
        value[:] = kept
        for each in kept:
            found |= _drop_loose_ends(each, root)
    return found


def _is_loose(value: Any, root: dict[str, Any]) -> bool:
    reference = value.get("$ref") if isinstance(value, dict) else None
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return False
    here: Any = root
    rest = reference[2:]
    while rest:
        if not isinstance(here, dict):
            return not (isinstance(here, list) and rest.isdigit() and int(rest) < len(here))
        # Keys with slashes in them are common.
        key = next((key for key in sorted(here, key=len, reverse=True) if _begins(rest, str(key))), None)
        if key is None:
            return True
        here = here[key]
        rest = next(rest[len(form) + 1 :] for form in _forms(str(key)) if _begins_with(rest, form))
    return False


def _forms(key: str) -> tuple[str, str]:
    return key, key.replace("~", "~0").replace("/", "~1")


def _begins_with(rest: str, form: str) -> bool:
    return rest == form or rest.startswith(f"{form}/")


def _begins(rest: str, key: str) -> bool:
    return any(_begins_with(rest, form) for form in _forms(key))


def made_from(name: str, value: dict[str, Any], models: Models, previous: str = "") -> Generated:
    # Under its own name, so that the files beside it are found.
    file = FOLDER / name if name in DOCUMENTS else name
    return generate(file, text=json.dumps(value), models=models, previous=previous, perspective="client")


def assert_names_stay(name: str, before: dict[str, Any], after: dict[str, Any], models: Models) -> int:
    old = made_from(name, before, models)
    new = made_from(name, after, models, previous=old.text)
    kept = names_in(old.text)
    now = names_in(new.text)
    for place, called in kept.items():
        if place in now:
            assert now[place] == called, place
    # A class of the old module means the same place in the new one, if it means anything.
    places = {called: place for place, called in now.items()}
    for place, called in kept.items():
        assert places.get(called, place) == place or now.get(place) == called, (called, place, places[called])
    gone = {called for place, called in kept.items() if place not in now}
    stayed = [called for called in kept.values() if called not in gone]
    with executed(new.text) as module:
        assert all(hasattr(module, each) for each in stayed)
    again = made_from(name, after, models, previous=new.text)
    assert again.text == new.text
    return len(stayed)


@pytest.mark.parametrize(
    ("name", "seed"), [(name, seed) for name in GROWING for seed in SEEDS if name not in SLOW or not seed]
)
def test_a_real_document_grows(name: str, seed: int) -> None:
    value = value_of(name)
    chance = random.Random(f"{name} {seed}")
    models = MODELS[seed % 2]
    before = smaller(value, chance)
    try:
        made_from(name, before, models)
    except SchemaError as error:
        pytest.fail(f"what was taken away left a document that is none: {error}")
    assert assert_names_stay(name, before, value, models) > 0


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", ORIGINALS)
def test_a_small_document_grows(name: str, seed: int) -> None:
    value = ORIGINALS[name]
    before = smaller(value, random.Random(f"{name} {seed}"))
    try:
        made_from("api.json", before, "msgspec")
    except SchemaError:
        return  # nothing was left of it
    assert_names_stay("api.json", before, value, MODELS[seed % 2])


def feed(*messages: str, title: str = "Feed", extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """A document whose messages all have an inner object of one name."""

    def payload(key: str) -> dict[str, Any]:
        item = {"type": "object", "properties": {"value": {"type": "string"}, key: {"type": "integer"}}}
        return {"type": "object", "required": ["type"], "properties": {"type": {"const": key}, "item": item}}

    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": "1"},
        "channels": {
            "feed": {"address": "/", "messages": {key: {"payload": payload(key)} for key in messages}, **(extra or {})}
        },
        "operations": {"events": {"action": "receive", "channel": {"$ref": "#/channels/feed"}}},
    }


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(feed("trade"), feed("book", "trade"), id="a message before"),
        pytest.param(feed("trade"), feed("trade", "Trade", "trade_"), id="messages of nearly the same name"),
        pytest.param(feed("trade"), feed("Trade", "trade"), id="one that would have had the name"),
        pytest.param(feed("trade"), feed("TradeItem", "trade"), id="one with the name of an inner class"),
        pytest.param(feed("trade"), feed("Feed", "feed", "trade"), id="one with the name of the connection"),
        pytest.param(feed("trade"), feed("Incoming", "Outgoing", "trade"), id="one with the name of a union"),
        pytest.param(feed("trade"), feed("trade", "Struct", "Any", "str"), id="names that the module needs"),
        pytest.param(feed("a", "b", "c"), feed("c", "b", "a"), id="another order"),
    ],
)
def test_names_that_come_too_late(before: dict[str, Any], after: dict[str, Any], models: Models) -> None:
    assert assert_names_stay("api.json", before, after, models) >= 2


@pytest.mark.parametrize("models", MODELS)
def test_the_connection_keeps_its_name(models: Models) -> None:
    old = made_from("api.json", feed("trade"), models)
    new = made_from("api.json", feed("trade", "Feed", "FeedClient"), models, previous=old.text)
    assert new.contract.connections[0].name == old.contract.connections[0].name
