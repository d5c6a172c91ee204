"""Flow files: what is refused and where, hashes that stay, words that are missing."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from runtime.core.flow_check import ActionFacts
from runtime.core.flow_loader import content_hash, load_flow
from runtime.core.flows import Branch, Jump
from runtime.errors import ConfigurationError
from runtime.flow_files import missing_words, read_flow, read_flows, sound
from runtime.settings import CONFIGS
from runtime.wording import Wording
from tests.core.desk import ACTIONS, flows, wording

KNOWN = {
    **ACTIONS,
    "far.order": ActionFacts(write=True, knowable=False),
}
HEAD = """\
flow: test
skill: test
examples: {en: [do it]}
slots:
  day: {type: datetime}
  name: {type: person, optional: true}
"""
WRITE = """\
  - act: booking.book
    on: {failed: {handoff: a}, unknown: {handoff: b}}
"""


def read(lines: str, head: str = HEAD) -> tuple[str, ...]:
    """The complaints about a flow of these lines, without the source's name."""
    file = read_flow(head + "lines:\n" + textwrap.dedent(lines), "test.yaml", KNOWN)
    assert (file.flow is None) is bool(file.complaints)
    return tuple(line.removeprefix("test.yaml:") for line in file.complaints)


def test_the_flows_that_come_along_are_sound() -> None:
    files = read_flows(CONFIGS / "flows", ACTIONS)
    assert len(sound(files)) == len(files) >= 6 and not [line for file in files for line in file.complaints]


REFUSED = [
    # lines, line number of the complaint, part of its text
    ("- collect: dya", 8, "Unknown slot `dya`"),
    ("- collect: day\n- choose: day\n  from: nowhere", 9, "no `act` before it fills that `into:`"),
    ("- act: booking.dance", 8, "no action `booking.dance`"),
    ("- act: booking.find_free_times\n  with: [dya]", 8, "Unknown slot `dya`"),
    ("- act: booking.find_free_times\n  on: {none: {back_to: name}}", 9, "no `collect` or `choose` of that slot"),
    ("- act: booking.find_free_times\n  on: {none: {shout: loud}}", 9, "Unknown key `shout`"),
    ("- end: done\n- collect: day", 9, "never be reached"),
    ("- handoff: asked\n- collect: day", 9, "never be reached"),
    (
        "- branch: {slot: day}\n  then:\n    - end: done\n  else:\n    - end: done\n- say: booked",
        13,
        "never be reached",
    ),
    ("- sing: loud", 8, "A line must begin with one of"),
    ("- 7", 8, "cannot stand here"),
    ("- collect: day\n  form: day", 9, "Unknown key `form`"),
    ("- act: booking.find_free_times\n  inti: found", 9, "Unknown key `inti`"),
    (WRITE.replace("  - act", "- act").replace("    on", "  on"), 8, "can be reached without a `confirm`"),
    ("- confirm: x\n- act: far.order\n  on: {failed: {handoff: a}, unknown: {handoff: b}}", 9, "no `lookup`"),
    ("- confirm: x\n- act: booking.book\n  on: {failed: {handoff: a}}", 9, "`on: unknown`"),
    ("- confirm: x\n- act: booking.book\n  on: {unknown: {handoff: a}}", 9, "`on: failed`"),
    (
        "- branch: {slot: day}\n  then:\n    - confirm: x\n- act: booking.book\n"
        "  on: {failed: {handoff: a}, unknown: {handoff: b}}",
        11,
        "can be reached without a `confirm`",
    ),
]


@pytest.mark.parametrize(("lines", "line", "text"), REFUSED)
def test_a_mistake_is_refused_with_its_line(lines: str, line: int, text: str) -> None:
    complaints = read(lines)
    assert any(c.startswith(f"{line}: ") and text in c for c in complaints), complaints


HEADS = [
    ("skill: test\nexamples: {en: [x]}\n", 1, "A flow needs a name"),
    ("flow: test\nexamples: {}\n", 2, "has no example"),
    ("flow: test\nexamples: {en: [x]}\ntimeout: soon\n", 3, "is no time"),
    ("flow: test\nexamples: {en: [x]}\ncolour: red\n", 3, "Unknown key `colour`"),
    ("flow: test\nexamples: {en: [x]}\nslots:\n  day: {type: moon}\n", 4, "Unknown slot type `moon`"),
    ("flow: test\nexamples: {en: [x]}\nslots:\n  day: {type: choice}\n", 4, "choice without `options:`"),
    ("flow: test\nexamples: {en: [x]}\nslots:\n  day: {tpye: text}\n", 4, "Unknown key `tpye`"),
    ("flow: test\nexamples: {en: [x]}\nslots:\n  day: {depends_on: [moon]}\n", 4, "names `moon`"),
    ("flow: test\nexamples: {en: [x]}\nslots: 7\n", 3, "cannot stand here"),
]


@pytest.mark.parametrize(("head", "line", "text"), HEADS)
def test_a_mistake_in_the_head_is_refused_with_its_line(head: str, line: int, text: str) -> None:
    complaints = read("- say: ok", head)
    assert any(c.startswith(f"{line}: ") and text in c for c in complaints), complaints


def test_all_mistakes_are_told_at_once() -> None:
    assert len(read("- collect: dya\n- act: booking.dance\n- sing: loud")) >= 2


@pytest.mark.parametrize("text", ["", "- a list", "7"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert read_flow(text, "test.yaml", KNOWN).complaints[0].startswith("test.yaml:1: ")


def test_what_is_no_yaml_is_refused_with_its_source() -> None:
    assert read_flow("flow: [", "test.yaml", KNOWN).complaints[0].startswith("test.yaml:1: this is no")


def test_a_flow_without_lines_is_refused() -> None:
    assert any("no lines" in line for line in read_flow(HEAD, "test.yaml", KNOWN).complaints)


def test_one_wrong_file_refuses_them_all(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(HEAD + "lines:\n  - collect: day\n", encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text(HEAD + "lines:\n  - collect: dya\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"wrong\.yaml:8: Unknown slot `dya`"):
        sound(read_flows(tmp_path, KNOWN))


def test_a_write_behind_a_confirm_on_every_way_is_fine() -> None:
    assert not read("- branch: {slot: day}\n  then:\n    - say: ok\n- confirm: x\n" + textwrap.dedent(WRITE))


def test_branches_become_flat_lines() -> None:
    lines = "- branch: {slot: day, is: x}\n  then:\n    - say: a\n  else:\n    - say: b\n- say: c"
    flow = read_flow(HEAD + "lines:\n" + lines, "test.yaml", KNOWN).flow
    assert flow is not None
    assert flow.lines[0] == Branch("day", "x", 3) and flow.lines[2] == Jump(4) and len(flow.lines) == 5


def test_the_hash_stays_with_the_content_and_only_with_it() -> None:
    raw = {"flow": "a", "examples": {"en": ["x"]}, "lines": [{"say": "ok"}]}
    turned = dict(reversed(list(raw.items())))
    assert content_hash(raw) == content_hash(turned) == "a230a15d710a1c92312c"
    assert content_hash({**raw, "lines": [{"say": "no"}]}) != content_hash(raw)
    assert load_flow(raw, KNOWN).flow == load_flow(turned, KNOWN).flow


def test_yes_no_and_on_are_words_in_a_flow_file() -> None:
    file = read_flow(HEAD + "lines:\n  - branch: {slot: day, is: no}\n    then: [{say: ok}]\n", "test.yaml", KNOWN)
    assert file.flow is not None and file.flow.lines[0] == Branch("day", "no", 3)


def test_missing_words_are_named_with_language_and_place() -> None:
    poor = Wording({"de": wording().replies["de"], "en": {}})
    complaints = missing_words(flows()["book_appointment"], poor, ("de", "en"), "book.yaml")
    assert "book.yaml: the reply `booked` is missing in en; add it under configs/replies/en/." in complaints
    named = {complaint.split("`")[1] for complaint in complaints}
    assert named >= {
        "ask.book_appointment.service", "why.phone", "offers.book_appointment.start", "button.offer.start",
        "booking_summary", "confirm.book_appointment.again", "button.yes.book_appointment", "what_to_change",
        "handoff.outcome_unknown", "no_free_time", "cancelled.book_appointment", "already.book_appointment",
    }  # fmt: skip
    assert not [c for c in complaints if "missing in de" in c]


def test_a_saying_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    for name in ("a", "b"):
        (tmp_path / "de" / f"{name}.yaml").write_text("ok: gut\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="stands twice"):
        Wording.read(tmp_path)
