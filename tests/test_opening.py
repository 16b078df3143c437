"""Files that people write, opened: what cannot be read is said with the file and its line, and nothing is built."""

from pathlib import Path

import pytest

from kpi_helpers.errors import KitError
from kpi_helpers.opening import compose, line_of, read_bytes, read_text, texts_of


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.yml", None, "none.yml: cannot be opened: No such file or directory."),
        ("wide.yml", "а".encode("utf-16"), "wide.yml: is not saved as UTF-8. Save it again in that encoding."),
        ("long.yml", b"x" * 11, "long.yml: too long."),
    ],
)
def test_what_cannot_be_opened_is_said(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(KitError) as caught:
        read_text(tmp_path / name, 10, "too long.")
    assert str(caught.value) == said


def test_a_mark_before_the_text_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes("\ufeffимя".encode())
    assert read_text(tmp_path / "a.yml") == "имя"
    assert read_bytes(tmp_path / "a.yml").startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("text", "where"), [("a: 1\nb: [", "a.yml, line 2"), ("a: \x00", "a.yml"), ("[" * 100_000, "a.yml")]
)
def test_what_is_no_yaml_is_said_with_its_line(text: str, where: str) -> None:
    with pytest.raises(KitError, match="it is no YAML: .+ Look at the indents") as caught:
        compose(text, "a.yml")
    assert caught.value.where == where


def test_values_are_taken_as_they_are_written() -> None:
    node = compose("Start: 2026-10-01\nshare: 010\nnothing:\nkeep: !!python/object:os.system ls", "a.yml")
    assert texts_of(node.value, "") == {
        "start": "2026-10-01", "share": "010", "nothing": "", "keep": "ls",
    }  # fmt: skip
    assert [line_of(name) for name, _value in node.value] == [1, 2, 3, 4]


def test_several_values_in_the_place_of_one_are_refused() -> None:
    with pytest.raises(KitError, match="a.yml, line 1: b holds more than one value"):
        texts_of(compose("b: [1, 2]", "a.yml").value, "a.yml, line 1")
