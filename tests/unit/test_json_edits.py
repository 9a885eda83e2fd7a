"""JSON that is edited in place: what was there is there, byte for byte, and it can be taken out."""

from __future__ import annotations

import json

import pytest

from ssoenv.base import json_edits

TEXTS = {
    "two spaces": '{\n  "a": 1,\n  "env": {\n    "X": "y"\n  }\n}\n',
    "tabs": '{\n\t"env": {\n\t\t"X": "y"\n\t}\n}',
    "four spaces, env last": '{\n    "a": [1, {"b": 2}],\n    "env": {"X": "y", "Z": "}"}\n}\n',
    "one line": '{"a": "\\"{", "env": {"X": "y"}}',
    "spaced": '{ "env" : { "X" : "y" } , "a" : null }',
    "dense": '{"env":{"X":"y"}}',
    "CRLF": '{\r\n  "env": {\r\n    "X": "y"\r\n  }\r\n}\r\n',
    "nothing of ours": '  {"a":1}\n',
    "lists": '{"hooks": {"SessionStart": [{"hooks": []}], "Stop": []}}',
    "a list over lines": '{\n  "hooks": {\n    "SessionStart": [\n      {"x": 1}\n    ]\n  }\n}\n',
    "not ASCII": '{"ключ": "é\\u00e9", "env": {"X": "☃"}}',
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_value_goes_in_and_out_again(name: str) -> None:
    text = TEXTS[name]
    was = json.loads(text)

    more = json_edits.with_value(text, ["env", "NEW"], "va\\l")
    assert json.loads(more) == was | {"env": {"NEW": "va\\l"} | was.get("env", {})}
    less = json_edits.without(more, ["env", "NEW"])
    assert (less if "env" in was else json_edits.without(less, ["env"])) == text

    more = json_edits.with_value(text, ["hooks", "SessionStart"], {"h": [1]}, listed=True)
    hooks = was.get("hooks", {})
    listed = [{"h": [1]}, *hooks.get("SessionStart", [])]
    assert json.loads(more) == was | {"hooks": hooks | {"SessionStart": listed}}
    less = json_edits.without(more, ["hooks", "SessionStart"], index=0)
    assert (less if hooks else json_edits.without(less, ["hooks"])) == text
    assert ("\r\n" in text) is ("\r\n" in more)
    assert "\r\n" not in text or "\n" not in more.replace("\r\n", "")


@pytest.mark.parametrize("number", range(3))
def test_what_stands_around_it_stays(number: int) -> None:
    for text in ('{"a": 1, "b" : 2 ,"c":3}', '{\n  "a": 1,\n  "b": [2, 3],\n  "c": 3\n}'):
        keys = list(json.loads(text))
        less = json_edits.without(text, [keys[number]])
        assert list(json.loads(less)) == [key for key in keys if key != keys[number]]
        assert ("\n" in text) is ("\n" in less)


def test_the_layout_is_that_of_the_text() -> None:
    assert (
        json_edits.with_value("{}\n", ["env", "A"], "b") == '{\n  "env": {\n    "A": "b"\n  }\n}\n'
    )
    text = '{\n\t"a": 1\n}\n'
    assert json_edits.with_value(text, ["env", "A"], "b") == (
        '{\n\t"env": {\n\t\t"A": "b"\n\t},\n\t"a": 1\n}\n'
    )


def test_what_is_there_and_what_is_not_are_told_apart() -> None:
    with pytest.raises(ValueError, match="is there"):
        json_edits.with_value('{"env": {"A": 1}}', ["env", "A"], 2)
    with pytest.raises(KeyError):
        json_edits.without('{"env": {}}', ["env", "A"])
