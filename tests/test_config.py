"""Settings: where they come from, what each accepts, and the secret that makes itself."""

import os
import stat
from pathlib import Path

import pytest
from tables import by_row

from curdbee_compat import config
from curdbee_compat.limits import Limits

POSTGRES = "postgresql://user:word@host/name"


@pytest.fixture(autouse=True)
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The instance folder, not made yet, as the only setting in the environment."""
    for name in [name for name in os.environ if name.startswith("CURDBEE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CURDBEE_INSTANCE", str(tmp_path / "made" / "instance"))
    return tmp_path / "made" / "instance"


def test_defaults(instance: Path) -> None:
    loaded = config.load()
    assert str(loaded["SQLALCHEMY_DATABASE_URI"]) == f"sqlite:///{instance}/curdbee.db"
    assert (loaded["TRUSTED_PROXIES"], loaded["MAX_CONTENT_LENGTH"]) == (0, 4_194_304)


def test_a_form_may_be_as_large_as_any_other_body() -> None:
    loaded = config.load({"CURDBEE_MAX_CONTENT_LENGTH": "700000"})
    assert loaded["MAX_CONTENT_LENGTH"] == loaded["MAX_FORM_MEMORY_SIZE"] == 700_000


def test_what_a_body_may_hold_is_set_by_three_settings() -> None:
    names = {"CURDBEE_MAX_DEPTH": "7", "CURDBEE_MAX_FIELDS": "80", "CURDBEE_MAX_DIGITS": "90"}
    loaded = config.load(names)
    assert loaded["BODY_LIMITS"] == Limits(depth=7, fields=80, digits=90)
    assert loaded["MAX_FORM_PARTS"] == 80
    assert config.load()["BODY_LIMITS"] == Limits(depth=100, fields=100_000, digits=10_000)


def test_values_come_from_the_environment_and_overrides_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURDBEE_TRUSTED_PROXIES", "1")
    assert config.load()["TRUSTED_PROXIES"] == 1
    assert config.load({"CURDBEE_TRUSTED_PROXIES": "2"})["TRUSTED_PROXIES"] == 2


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURDBEE_TRUSTED_PROXIES", "")
    monkeypatch.setenv("CURDBEE_DATABASE_URL", "")
    assert config.load()["TRUSTED_PROXIES"] == 0


def test_a_checkout_has_its_instance_folder_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CURDBEE_INSTANCE")
    checkout = Path(__file__).resolve().parent.parent
    assert config.values()["CURDBEE_INSTANCE"] == str(checkout / "instance")


def test_an_installed_package_has_its_instance_folder_with_the_users_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CURDBEE_INSTANCE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(config, "__file__", str(tmp_path / "site-packages" / "curdbee_compat" / "config.py"))
    chosen = Path(config.values()["CURDBEE_INSTANCE"])
    assert chosen.name == "curdbee-compat"
    assert tmp_path / "site-packages" not in chosen.parents


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    loaded = config.load({"CURDBEE_INSTANCE": "~/ledger"})
    assert loaded["SQLALCHEMY_DATABASE_URI"].database == str(tmp_path / "ledger" / "curdbee.db")


@by_row(
    "text, expected",
    {
        "postgresql": (POSTGRES, "postgresql+psycopg://user:word@host/name"),
        "postgres": ("postgres://host/name", "postgresql+psycopg://host/name"),
        "another driver": ("postgresql+psycopg2://host/name", "postgresql+psycopg://host/name"),
        "arguments": ("postgresql:///name?host=db", "postgresql+psycopg:///name?host=db"),
        "sqlite": ("sqlite:////folder/file.db", "sqlite:////folder/file.db"),
        "sqlite with a driver": ("sqlite+pysqlite:////folder/file.db", "sqlite:////folder/file.db"),
    },
)
def test_a_database_is_reached_by_the_driver_that_comes_along(text: str, expected: str, instance: Path) -> None:
    assert config.database_url(text, instance).render_as_string(hide_password=False) == expected


def test_a_relative_sqlite_file_does_not_move_with_the_process(
    instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.database_url("sqlite:///ledger.db", instance).database == str(tmp_path / "ledger.db")


@by_row(
    "name, text, reason",
    {
        "no url": ("CURDBEE_DATABASE_URL", "ledger.db", "is not a database URL"),
        "a port that is none": ("CURDBEE_DATABASE_URL", "postgresql://host:port/name", "is not a database URL"),
        "another database": ("CURDBEE_DATABASE_URL", "mysql://host/name", "mysql is not supported"),
        "memory": ("CURDBEE_DATABASE_URL", "sqlite://", "SQLite in memory"),
        "memory by name": ("CURDBEE_DATABASE_URL", "sqlite:///:memory:", "SQLite in memory"),
        "a negative number": ("CURDBEE_TRUSTED_PROXIES", "-1", "must be a whole number, not '-1'"),
        "a word": ("CURDBEE_TRUSTED_PROXIES", "yes", "must be a whole number, not 'yes'"),
        "a fraction": ("CURDBEE_MAX_CONTENT_LENGTH", "1.5", "must be a whole number, not '1.5'"),
        "no depth": ("CURDBEE_MAX_DEPTH", "0", "must be between 1 and 200, not 0"),
        "more depth than Python bears": ("CURDBEE_MAX_DEPTH", "201", "must be between 1 and 200, not 201"),
        "no fields": ("CURDBEE_MAX_FIELDS", "0", "must be 1 or more, not 0"),
        "no bytes": ("CURDBEE_MAX_CONTENT_LENGTH", "0", "must be 1 or more, not 0"),
        "more digits than are sound": ("CURDBEE_MAX_DIGITS", "1000001", "must be between 1 and 1000000, not 1000001"),
        "fields in words": ("CURDBEE_MAX_FIELDS", "many", "must be a whole number, not 'many'"),
        "a digit of another script": ("CURDBEE_MAX_CONTENT_LENGTH", "²", "must be a whole number, not '²'"),
    },
)
def test_an_unusable_value_is_refused_by_name(name: str, text: str, reason: str) -> None:
    with pytest.raises(config.ConfigError) as refused:
        config.load({name: text})
    assert str(refused.value).startswith(name)
    assert reason in str(refused.value)


def test_a_password_in_an_unusable_url_is_not_repeated() -> None:
    with pytest.raises(config.ConfigError) as refused:
        config.load({"CURDBEE_DATABASE_URL": "postgresql://user:word@host:port/name"})
    assert "word" not in str(refused.value)


def test_the_secret_is_made_once_and_kept_for_its_owner_alone(instance: Path) -> None:
    secret = config.load()["DIGEST_KEY"]
    assert len(secret) >= 32
    assert config.load()["DIGEST_KEY"] == secret
    assert [file.name for file in instance.iterdir()] == ["secret_key"]
    assert stat.S_IMODE((instance / "secret_key").stat().st_mode) == 0o600


def test_of_two_processes_that_start_together_the_second_takes_the_firsts_secret(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", lambda path: False)  # as both see it before either has written
    assert config.load()["DIGEST_KEY"] == config.load()["DIGEST_KEY"]
    assert [file.name for file in instance.iterdir()] == ["secret_key"]


def test_nothing_is_written_where_nothing_is_kept(instance: Path) -> None:
    loaded = config.load({"CURDBEE_SECRET_KEY": "given", "CURDBEE_DATABASE_URL": POSTGRES})
    assert loaded["DIGEST_KEY"] == "given"
    assert not instance.parent.exists()


def test_a_folder_for_the_sqlite_file_is_made_with_a_secret_given(instance: Path) -> None:
    config.load({"CURDBEE_SECRET_KEY": "given"})
    assert instance.is_dir()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(config.ConfigError) as refused:
        config.load({"CURDBEE_INSTANCE": str(tmp_path / "file" / "instance")})
    assert str(tmp_path / "file" / "instance") in str(refused.value)
    assert "CURDBEE_INSTANCE" in str(refused.value)


def test_every_setting_has_a_meaning_on_one_line() -> None:
    assert all(setting.meaning and "\n" not in setting.meaning for setting in config.SETTINGS)
    assert len({setting.name for setting in config.SETTINGS}) == len(config.SETTINGS)
