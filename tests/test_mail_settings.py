"""The settings of the mail server: what they come to, and what is refused at start-up."""

from pathlib import Path

import pytest
from tables import by_row

from curdbee_compat import config, smtp

SERVER = {"CURDBEE_MAIL_SERVER": "mail.example.test", "CURDBEE_MAIL_FROM": "billing@example.test"}
LOGIN = {"CURDBEE_MAIL_USERNAME": "shop", "CURDBEE_MAIL_PASSWORD": "secret"}
TLS = {"CURDBEE_MAIL_USE_TLS": "true"}


@pytest.fixture(autouse=True)
def _no_other_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in config.SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)


def loaded(instance: Path, **settings: str) -> smtp.Server | None:
    return config.load({"CURDBEE_INSTANCE": str(instance)} | settings)["MAIL_SERVER"]


def test_without_a_server_there_is_none_whatever_else_is_set(instance: Path) -> None:
    assert loaded(instance) is None
    assert loaded(instance, CURDBEE_MAIL_PORT="x", CURDBEE_MAIL_FROM="x", CURDBEE_MAIL_USE_TLS="x") is None


def test_a_relay_nearby_needs_two_settings(instance: Path) -> None:
    assert loaded(instance, **SERVER) == smtp.Server("mail.example.test", 25, "billing@example.test")


def test_a_provider(instance: Path) -> None:
    found = loaded(instance, **SERVER, **LOGIN, **TLS, CURDBEE_MAIL_PORT="587")
    assert found == smtp.Server("mail.example.test", 587, "billing@example.test", "shop", "secret", True)
    assert "secret" not in repr(found)


@by_row(
    ("text", "meant"),
    {
        "true": ("true", True),
        "capitals": ("True", True),
        "1": ("1", True),
        "false": ("FALSE", False),
        "0": ("0", False),
    },
)
def test_how_true_is_written(instance: Path, text: str, meant: bool) -> None:
    assert loaded(instance, **SERVER, CURDBEE_MAIL_USE_TLS=text).starttls is meant


@by_row(
    "sender",
    {
        "address": "billing@example.test",
        "name": "Billing <billing@example.test>",
        "beyond ASCII": "K\u00e4sebier GmbH <billing@example.test>",
        "quoted": '"Jones, Ann" <billing@example.test>',
    },
)
def test_senders(instance: Path, sender: str) -> None:
    assert loaded(instance, **SERVER | {"CURDBEE_MAIL_FROM": sender}).sender == sender
    content = smtp.composed({"From": sender}, "", "", "")
    assert content.startswith(b"From: ")
    assert b"<billing@example.test>\r\n" in content or content.startswith(b"From: billing@example.test\r\n")


SENDERS = {
    "name alone": "Billing",
    "two": "a@b.test, c@d.test",
    "unquoted comma": "Jones, Ann <a@b.test>",
    "group": "us: a@b.test;",
    "header": "a@b.test\nBcc: c@d.test",
    "header in the name": "A\r\nBcc: c@d.test <a@b.test>",
    "encoded word": "=?utf-8?q?=0aBcc:_c@d.test?= <a@b.test>",
    "beyond ASCII": "info@m\u00fcller.test",
    "no dot": "root@localhost",
}
REFUSED = {
    **{f"sender: {name}": ({"CURDBEE_MAIL_FROM": text}, "CURDBEE_MAIL_FROM") for name, text in SENDERS.items()},
    "server with a port": ({"CURDBEE_MAIL_SERVER": "mail.example.test:25"}, "CURDBEE_MAIL_SERVER"),
    "server as a URL": ({"CURDBEE_MAIL_SERVER": "smtp://mail.example.test"}, "CURDBEE_MAIL_SERVER"),
    "server of two lines": ({"CURDBEE_MAIL_SERVER": "mail\nserver"}, "CURDBEE_MAIL_SERVER"),
    "port that is none": ({"CURDBEE_MAIL_PORT": "smtp"}, "CURDBEE_MAIL_PORT"),
    "port 0": ({"CURDBEE_MAIL_PORT": "0"}, "CURDBEE_MAIL_PORT"),
    "port too large": ({"CURDBEE_MAIL_PORT": "65536"}, "CURDBEE_MAIL_PORT"),
    "neither true nor false": ({"CURDBEE_MAIL_USE_TLS": "yes"}, "CURDBEE_MAIL_USE_TLS"),
    "name without a password": (TLS | {"CURDBEE_MAIL_USERNAME": "shop"}, "CURDBEE_MAIL_PASSWORD"),
    "password without a name": (TLS | {"CURDBEE_MAIL_PASSWORD": "secret"}, "CURDBEE_MAIL_USERNAME"),
    "password in the clear": (LOGIN, "CURDBEE_MAIL_USE_TLS=true"),
    "password beyond ASCII": (TLS | LOGIN | {"CURDBEE_MAIL_PASSWORD": "gehe\u00efm"}, "ASCII"),
}


@by_row(("settings", "told"), REFUSED)
def test_settings_that_cannot_work(instance: Path, settings: dict[str, str], told: str) -> None:
    with pytest.raises(config.ConfigError, match=told) as refused:
        loaded(instance, **SERVER | settings)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "gehe" not in str(refused.value)
