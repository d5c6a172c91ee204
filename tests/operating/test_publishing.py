"""Draft, test, publish, roll back: through the commands, and in a desk that runs meanwhile."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime.app import action_kinds
from runtime.cli import main
from runtime.flow_files import FlowYaml, read_flows, sound
from runtime.operating.examples import examples_that_fail
from runtime.records.publishing import Publishing, Step
from runtime.records.tenants import Tenants, canonical
from runtime.settings import CONFIGS
from runtime.tenants import read_tenant
from tests.support.real_desk import STUDIO, TelegramCustomer, real_desk

BOOK: dict[str, Any] = yaml.load((CONFIGS / "flows" / "book_appointment.yaml").read_text(encoding="utf-8"), FlowYaml)
DIALOG = """\
language: de
dialog:
  - said: Ich brauche nächste Woche einen Termin
    expect: [{word}]
"""


@pytest.fixture
def salon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one published business, named salon, and the booking flow as a file."""
    monkeypatch.chdir(tmp_path)
    assert main(["tenant", "create", "salon", "--name", "Salon"]) == 0
    (tmp_path / "book.yaml").write_text(yaml.safe_dump({**BOOK, "timeout": "3d"}, allow_unicode=True))
    return tmp_path


def flow(verb: str, *more: str) -> int:
    return main(["flow", verb, *more, "--tenant", "salon"])


def test_the_examples_of_our_own_flows_pass_the_test_that_every_draft_takes() -> None:
    flows = {name: file.flow for name, file in sound(read_flows(CONFIGS / "flows", action_kinds())).items()}
    business = read_tenant((CONFIGS / "demo" / "studio.yaml").read_text(encoding="utf-8"), "demo").business
    loaded = {name: flow for name, flow in flows.items() if flow is not None}
    assert len(loaded) == len(flows) and examples_that_fail(business, loaded, list(loaded)) == []


def test_a_flow_is_published_only_when_its_test_passed(salon: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert flow("draft", "book.yaml") == 0
    assert flow("publish", "book_appointment") == 2
    assert "has not passed a test" in capsys.readouterr().err
    assert flow("test", "book_appointment") == 0
    assert flow("publish", "book_appointment") == 0
    capsys.readouterr()
    assert flow("list") == 0
    shown = capsys.readouterr().out
    assert "book_appointment          its own" in shown and "cancel_appointment        default" in shown


def test_a_flow_that_calls_one_that_is_not_there_is_not_published(
    salon: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calling = {**BOOK, "lines": [{"call": "identify_me"}, *BOOK["lines"]]}
    (salon / "book.yaml").write_text(yaml.safe_dump(calling, allow_unicode=True), encoding="utf-8")
    assert flow("draft", "book.yaml") == 0
    assert flow("test", "book_appointment") == 1
    assert flow("publish", "book_appointment", "--untested") == 2
    assert "calls `identify_me`, which is no flow here" in capsys.readouterr().err


def test_an_untested_publication_is_written_down_and_can_be_taken_back(
    salon: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flow("draft", "book.yaml")
    assert flow("publish", "book_appointment", "--untested") == 0
    assert flow("rollback", "book_appointment") == 0
    capsys.readouterr()
    assert flow("history", "book_appointment") == 0
    newest, published, *_ = capsys.readouterr().out.splitlines()
    assert newest.startswith("*    2") and newest.endswith("back to the default")
    assert published.startswith("     1") and published.endswith("untested")


def test_a_draft_that_starts_with_other_words_than_it_says_fails(
    salon: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = {"de": ["Ich möchte meinen Termin absagen"], "en": ["Cancel my appointment"]}
    (salon / "book.yaml").write_text(yaml.safe_dump({**BOOK, "examples": examples}, allow_unicode=True))
    flow("draft", "book.yaml")
    assert flow("test", "book_appointment") == 1
    assert "“Cancel my appointment” (en) starts cancel_appointment" in capsys.readouterr().out
    assert flow("publish", "book_appointment") == 2


def test_a_wrong_flow_is_no_draft_and_named_with_its_line(salon: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (salon / "wrong.yaml").write_text("flow: order\nlines:\n  - collect: size\nslots: {size: big}\n")
    assert flow("draft", "wrong.yaml") == 2
    assert "wrong.yaml:4" in capsys.readouterr().err
    assert flow("test", "order") == 2


@pytest.mark.slow
def test_dialog_files_play_against_the_draft(salon: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dialogs = salon / "dialogs"
    dialogs.mkdir()
    (dialogs / "a.yaml").write_text(DIALOG.format(word="Telefon"))
    short = copy.deepcopy(BOOK)
    short["slots"]["service"]["optional"] = True
    (salon / "book.yaml").write_text(yaml.safe_dump(short, allow_unicode=True))
    flow("draft", "book.yaml")
    assert flow("test", "book_appointment", str(dialogs)) == 1
    assert "a.yaml: line 1" in capsys.readouterr().out
    (dialogs / "a.yaml").write_text(DIALOG.format(word="/./"))
    assert flow("test", "book_appointment", str(dialogs)) == 0


def test_a_business_file_goes_the_same_way(salon: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = salon / "salon.yaml"
    file.write_text(file.read_text().replace("price: 32", "price: 36"))
    assert main(["tenant", "draft", str(file)]) == 0
    assert main(["tenant", "test", "salon"]) == 0
    assert main(["tenant", "publish", "salon"]) == 0
    capsys.readouterr()
    main(["tenant", "export", "salon"])
    assert "36" in capsys.readouterr().out
    assert main(["tenant", "rollback", "salon"]) == 0
    capsys.readouterr()
    main(["tenant", "history", "salon"])
    assert capsys.readouterr().out.startswith("*    3")


@pytest.mark.parametrize(
    "path",
    sorted([*(CONFIGS / "demo").glob("*.yaml"), *(Path(__file__).parents[1] / "support" / "tenants").glob("*.yaml")]),
    ids=lambda path: path.stem,
)
def test_an_export_imports_to_the_same_hash(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["tenant", "import", str(path)]) == 0
    before = read_tenant(path.read_text(encoding="utf-8"), str(path))
    capsys.readouterr()
    assert main(["tenant", "export", before.business.tenant]) == 0
    after = read_tenant(capsys.readouterr().out, "export")
    assert canonical(after.raw) == canonical(before.raw)


@pytest.mark.slow
async def test_a_running_dialogue_keeps_its_version_and_a_new_one_has_the_published(tmp_path: Path) -> None:
    async with real_desk(tmp_path) as real:
        await real.add("t")
        early, late = TelegramCustomer(real, "t", 71), TelegramCustomer(real, "t", 72)
        await early.says("Ich hätte gern einen Herrenhaarschnitt")
        other = copy.deepcopy(BOOK)
        other["lines"] = [{"say": "my_appointments.none"}]
        other["slots"] = {}
        publishing = Publishing(real.desk.database)
        await publishing.put_draft("t", "flow:book_appointment", other)
        draft = await publishing.draft("t", "flow:book_appointment")
        assert draft is not None
        await publishing.publish("t", "flow:book_appointment", draft.hash, "", Step("test"))
        assert await real.desk.desks.refresh()
        assert await early.says("am Mittwoch um 15 Uhr")
        assert "Name" in early.got[-1]["text"]
        assert "Name" not in await late.says("Ich hätte gern am Mittwoch um 15 Uhr einen Herrenhaarschnitt")


@pytest.mark.slow
async def test_a_connection_published_while_it_runs_is_registered_with_its_provider(tmp_path: Path) -> None:
    async with real_desk(tmp_path, public_url="https://desk.example.com") as real:
        await real.desk.register_webhooks()
        assert not real.stub.called("setWebhook")
        await real.add("late")
        await real.desk.webhooks.refresh(await real.desk.desks.refresh())
        await real.desk.webhooks.refresh(await real.desk.desks.refresh())
        assert [one["url"].split("?")[0] for one in real.stub.called("setWebhook")] == [
            "https://desk.example.com/webhook/telegram/late"
        ]
        await real.add("late", secret="Another_secret")
        await real.desk.webhooks.refresh(await real.desk.desks.refresh())
        assert [one["secret_token"] for one in real.stub.called("setWebhook")][-1] == "Another_secret"


async def test_documents_of_another_tenant_are_walled_off(tmp_path: Path) -> None:
    async with real_desk(tmp_path) as real:
        publishing = Publishing(real.desk.database)
        await publishing.put_draft("a", "tenant", dict(STUDIO))
        assert await publishing.draft("b", "tenant") is None
        assert await Tenants(real.desk.database).versions("b", "tenant") == ()
