"""`manage.py match`: two exports, no database, no connection; bad files are named in a sentence."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

LEFT = "id,name,company,email,phone,street,city,zip,country,tax_id,colour\n" \
    "c1,Orchard Foods Ltd,,mara@orchard.example,,5 High St,Leeds,LS1,GB,,red\n" \
    "c2,Kestrel Optics,,,,,,,,,\nc3,,,,,,,,,,\n"  # fmt: skip
RIGHT = "tax_id;EMAIL;Name;id\n;MARA@orchard.example;Orchard Foods Limited;b1\n;;Kestrel Optics GmbH;b2\n;;;b3\n"


def matched(folder: Path, left: str, right: str, *more: str) -> list[dict[str, str]]:
    (folder / "left.csv").write_bytes(left.encode())
    (folder / "right.csv").write_bytes(right.encode("utf-8-sig"))
    call_command("match", folder / "left.csv", folder / "right.csv", "--out", folder / "pairs.csv", *more)
    with (folder / "pairs.csv").open(newline="") as text:
        return list(csv.DictReader(text))


def test_certain_and_likely_pairs_with_score_and_reasons(tmp_path: Path) -> None:
    found = matched(tmp_path, LEFT, RIGHT)
    assert [(row["left_id"], row["right_id"], row["verdict"]) for row in found] == [
        ("c1", "b1", "certain"), ("c2", "b2", "likely")
    ]  # fmt: skip
    assert "same e-mail" in found[0]["reasons"] and 0.5 <= float(found[1]["score"]) < 1


def test_no_rows_stand_there_only_when_asked_for(tmp_path: Path) -> None:
    right = "id,name,city\nb1,Kestrel Haulage,Lyon\n"
    left = "id,name,city\nc1,Orchard Foods,Leeds\nc2,Kestrel Optics,Leeds\n"
    assert matched(tmp_path, left, right) == []
    assert [row["verdict"] for row in matched(tmp_path, left, right, "--all")] == ["no"]


@pytest.mark.parametrize(
    ("left", "sentence"),
    [
        ("", "is empty"),
        ("name,email\nA,a@x.example\n", "no column id"),
        ("id,colour\n1,red\n", "nothing to compare"),
        ("id,name\n1,A\n1,B\n", "line 3: id 1 stands there twice"),
        ("id,name\n,A\n", "line 2: id is empty"),
        ("id,name,name\n1,A,B\n", "the column name stands there twice"),
        ('id,name\n1,"A\n', "isn't a CSV file"),
    ],
)
def test_a_bad_file_is_told_in_a_sentence_with_exit_2(tmp_path: Path, left: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as refused:
        matched(tmp_path, left, RIGHT)
    assert refused.value.returncode == 2 and "left.csv" in str(refused.value)
    assert not (tmp_path / "pairs.csv").exists()


def test_a_missing_file_and_an_input_as_output_are_refused(tmp_path: Path) -> None:
    (tmp_path / "right.csv").write_text(RIGHT)
    for left, out in (
        (tmp_path / "none.csv", tmp_path / "pairs.csv"),
        (tmp_path / "right.csv", tmp_path / "right.csv"),
    ):
        with pytest.raises(CommandError) as refused:
            call_command("match", left, tmp_path / "right.csv", "--out", out)
        assert refused.value.returncode == 2
    assert (tmp_path / "right.csv").read_text() == RIGHT
