"""What a business's file may hold: the schema with each key's meaning, and what is read but changes nothing."""

from __future__ import annotations

import json

import jsonschema
import pytest
from pydantic import BaseModel

from runtime.errors import ConfigurationError
from runtime.settings import CONFIGS
from runtime.tenants import SPOKEN, business_of, read_tenant
from runtime.tenants.layout import PARTS, TenantModel
from runtime.tenants.meanings import MEANINGS
from runtime.tenants.schema import SCHEMA_FILE, tenant_schema
from tests.support.tenants import FILES

HEAD = "tenant: x\nname: X\ntimezone: Europe/Berlin\ncountry: DE\n"


@pytest.mark.parametrize("name", sorted(FILES))
def test_files_are_read_and_fit_the_schema(name: str) -> None:
    text = FILES[name].read_text(encoding="utf-8")
    file = read_tenant(text, name, {})
    assert business_of(file.raw) == file.business
    assert json.loads(json.dumps(file.raw)) == file.raw
    jsonschema.Draft202012Validator(tenant_schema()).validate(file.raw)


def test_every_key_has_its_meaning() -> None:
    models: list[type[BaseModel]] = [TenantModel, *PARTS.values()]
    assert {name: set(meanings) for name, meanings in MEANINGS.items()} == {
        model.__name__: set(model.model_fields) for model in models
    }


def test_the_schema_file_is_in_step() -> None:
    written = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    assert written == tenant_schema(), "run: python -m runtime.tenants.schema"
    jsonschema.Draft202012Validator.check_schema(written)


def test_what_the_desk_can_speak_is_what_it_has_words_for() -> None:
    assert sorted(SPOKEN) == sorted(folder.name for folder in (CONFIGS / "replies").iterdir())


def test_a_language_that_the_desk_does_not_speak_is_left_out_and_said() -> None:
    file = read_tenant(HEAD + "languages: [fr, de, it]\n", "shop.yaml")
    assert file.business.languages == ("de",)
    assert [w.startswith("shop.yaml:5: ") and "fr, it" in w for w in file.warnings] == [True]
    with pytest.raises(ConfigurationError, match=r"shop\.yaml:5: languages: fr cannot be spoken"):
        read_tenant(HEAD + "languages: [fr]\n", "shop.yaml")


def test_keys_that_change_nothing_are_said_once() -> None:
    written = "facts:\n  - {q: a, a: b, topic: c}\n  - q: d\n    a: e\n    topic: f\nstaff:\n  - {id: a, role: Chef}\n"
    warnings = read_tenant(HEAD + written, "shop.yaml").warnings
    assert [warning.partition(" in ")[0] for warning in warnings] == [
        "shop.yaml:11: 'title'",
        "shop.yaml:6: 'topic'",
    ]


def test_the_chat_in_browsers() -> None:
    written = 'webchat:\n  origins: [https://Salon.example/, "http://localhost:*"]\n  accent: "#0AF"\n'
    chat = read_tenant(HEAD + written, "shop.yaml").business.webchat
    assert (chat.origins, chat.accent) == (("https://salon.example", "http://localhost:*"), "#00aaff")
    assert read_tenant(HEAD, "shop.yaml").business.webchat.origins == ()
    everywhere = read_tenant(HEAD + 'webchat: {origins: "*"}\n', "shop.yaml")
    assert everywhere.business.webchat.origins == ("*",) and "every website" in everywhere.warnings[0]
    for wrong, named in (
        ("origins: [https://a.example/chat]", "no website's address"), ("accent: petrol", "no colour"),
        ("privacy: datenschutz.html", "no address"), ("orgins: [x]", "Did you mean 'origins'"),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match=named) as refused:
            read_tenant(HEAD + f"webchat:\n  {wrong}\n", "shop.yaml")
        assert "shop.yaml:6" in str(refused.value)


WHATSAPP = "connections:\n  - connector: {word}\n    config: {config}\n    secrets: {secrets}\n"
SECRETS = "{access_token: {env: A}, app_secret: {env: B}, verify_token: {env: C}}"


@pytest.mark.parametrize("word", ["whatsapp_cloud", "whatsapp"])
def test_a_whole_connection_says_nothing_and_goes_by_either_word(word: str) -> None:
    written = WHATSAPP.format(word=word, config="{phone_number_id: 710022003300440}", secrets=SECRETS)
    file = read_tenant(HEAD + written, "shop.yaml", {"A": "a", "B": "b", "C": "c"})
    assert [one.connector for one in file.connections] == ["whatsapp_cloud"] and not file.warnings


@pytest.mark.parametrize(
    ("config", "secrets", "says"),
    [
        ("{}", SECRETS, "phone_number_id is missing in config"),
        ("{phone_number_id: +49 30 5550100}", SECRETS, "phone_number_id is no id of the provider in config"),
        ("{phone_number_id: 710022003300440}", "{access_token: {env: A}}", "app_secret, verify_token missing"),
    ],
)
def test_what_a_connection_lacks_is_said_with_its_line(config: str, secrets: str, says: str) -> None:
    written = WHATSAPP.format(word="whatsapp_cloud", config=config, secrets=secrets)
    warnings = read_tenant(HEAD + written, "shop.yaml", {"A": "a", "B": "b", "C": "c"}).warnings
    assert [one.startswith("shop.yaml:") and says in one for one in warnings] == [True]
