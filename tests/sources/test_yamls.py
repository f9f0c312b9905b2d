"""YAML that would end the process, or is no date, is YAML that does not parse."""

import pytest
from launchready.sources.yamls import YamlError, load_yaml


@pytest.mark.parametrize("piece", ["[", "- ", '{"a":', "? ", "{a: [", "-   "])
def test_nesting_that_ends_the_fast_parser_is_refused_before_it(piece: str) -> None:
    with pytest.raises(YamlError):
        load_yaml(piece * 100_000)


def test_a_date_that_is_none_does_not_parse() -> None:
    with pytest.raises(YamlError):
        load_yaml("since: 2027-13-45")


def test_what_people_write_is_read() -> None:
    deep = "".join("  " * level + f"a{level}:\n" for level in range(90)) + "  " * 90 + "b: [{c: d}, []]\n"
    found = load_yaml(deep)
    for level in range(90):
        found = found[f"a{level}"]
    assert found == {"b": [{"c": "d"}, []]}
    assert load_yaml("a: [" + ", ".join("{b: 1}" for _ in range(2000)) + "]")["a"][1999] == {"b": 1}
    assert load_yaml("text: |\n" + " " * 1000 + "far to the right\n")["text"].strip() == "far to the right"
