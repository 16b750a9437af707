"""Reading law files: a strict part of YAML, every error with its place, and hostile text that does no harm."""
from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import yaml12
from rules.loader import LawError, Source, read_file, read_folders

HERE = Path(__file__).parent
SMALL = HERE / "laws" / "small"


def read(text: str) -> Source:
    source = read_file("law.yaml", Path("."), text.encode())
    assert isinstance(source, Source), source
    return source


def problems(text: str) -> list[str]:
    found = read_file("law.yaml", Path("."), text.encode())
    assert isinstance(found, list)
    return [str(p) for p in found]


def test_only_true_and_false_are_booleans() -> None:
    tree = yaml12.read(b"on: yes\nno: off\ny: true\nn: False\nx: 08\ny2: 1_000\ntime: 12:30\n")
    assert tree.value == {"on": "yes", "no": "off", "y": True, "n": False, "x": 8, "y2": "1_000", "time": "12:30"}


def test_values_of_each_kind() -> None:
    tree = yaml12.read(b'a: 2025-02-01\nb: "2025-02-01"\nc: 2/3\nd: -5\ne: ~\nf: ""\ng: [1, [2]]\nh: |\n  two\n  lines\n')
    assert tree.value == {"a": dt.date(2025, 2, 1), "b": "2025-02-01", "c": "2/3", "d": -5, "e": None, "f": "",
                          "g": [1, [2]], "h": "two\nlines\n"}


def test_text_becomes_nfc() -> None:
    assert yaml12.read("a: đảng ủy".encode()).value["a"] == "đảng ủy"


def test_anchors_repeat_and_lines_are_kept() -> None:
    tree = yaml12.read(b"a: &x {k: 1}\nb:\n  - *x\n  - q: 2\n")
    assert tree.value["b"] == [{"k": 1}, {"q": 2}]
    assert tree.line(("b", 1, "q")) == 4
    assert tree.line(("b", 0, "k")) == 3
    assert tree.line(("nowhere",)) == 1


@pytest.mark.parametrize(("text", "says"), [
    (b"a: \x00", "not YAML"), (b"\xff\xfe\x00", "not UTF-8"), (b"a: *b", "stands nowhere above"),
    (b"? {a: 1}\n: 2", "a key must be one word"), (b"? [a]\n: 2", "a key must be one word"), (b"<<: {a: 1}", "merge keys"),
    (b"a: !x 1", "the tag"), (b"a: !!binary aGVq", "the tag"), (b"a: .inf", "decimal"), (b"---\n1\n---\n2", "second document"),
    (b"a: {b: [1, 2}", "not YAML"), (b"a: '", "not YAML"), (b"\ta: 1", "not YAML"), (b"x" * 4_000_001, "larger than"),
])
def test_what_is_no_law_is_refused(text: bytes, says: str) -> None:
    with pytest.raises(yaml12.YamlError, match=says) as caught:
        yaml12.read(text)
    assert caught.value.line >= 1


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(alphabet="[]{}:,&*!|>-?#%@`'\" \nab1~<.0/", max_size=120).map(str.encode)))
def test_any_text_is_read_or_refused(text: bytes) -> None:
    found = read_file("law.yaml", Path("."), text)
    assert isinstance(found, Source) or all(p.file == "law.yaml" and p.message for p in found)


def test_everything_wrong_is_said_at_once() -> None:
    found = problems("ruls: {}\nrules:\n  A:\n    wen: x.y\n    since: soon\n    severity: blok\n")
    assert found == [
        "law.yaml:1: ruls: no such key here; did you mean rules?",
        "law.yaml:3: rules.A.when: the key is missing; it is required here",
        "law.yaml:4: rules.A.wen: no such key here; did you mean when?",
        "law.yaml:5: rules.A.since: found `soon`; expected a date yyyy-mm-dd",
        "law.yaml:6: rules.A.severity: found blok; did you mean block?",
    ]


def test_versions_of_a_list_are_named_by_place() -> None:
    found = problems("rules:\n  A:\n  - {when: x.y, since: 2016-01-01}\n  - {when: x.y, since: 2017-01-01, sinse: 1}\n")
    assert found == ["law.yaml:4: rules.A[1].sinse: no such key here; did you mean since?"]


def test_a_day_with_an_hour_is_no_day() -> None:
    assert "expected a date yyyy-mm-dd" in problems("rules: {A: {when: x.y, since: 2016-01-01T10:00:00}}")[0]


def test_a_layer_holds_local_law_only() -> None:
    head = "layer: {unit: XA, since: 2026-01-01}\n"
    assert read(head + "parameters: {age_min: {values: {2026-01-01: {value: 240}}}}").law.layer is not None
    assert "a layer of local law holds" in problems(head + "papers: {}")[0]


def test_a_folder_replaces_the_shipped_law_or_is_added_to_it(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "xa.yaml").write_text("layer: {unit: XA, since: 2026-01-01}\n", encoding="utf-8")
    shipped, with_layer = read_folders(), read_folders([layer])
    assert len(with_layer) == len(shipped) + 1
    assert with_layer[-1].law.layer is not None
    replaced = read_folders([SMALL, layer])
    assert {s.name for s in replaced} == {"documents.yaml", "admission/process.yaml", "admission/rules.yaml", "xa.yaml"}


def test_an_empty_or_missing_folder_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere.yaml"):
        with pytest.raises(LawError):
            read_folders([folder])
