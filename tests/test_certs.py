"""The private authority and what it signs: what clients verify, who may read the keys, and what a second run leaves."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from tables import by_row

from curdbee_compat import certs

ACME = "acme.curdbee.com"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority and the certificates of two names. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("certs") / "made" / "here"
    certs.make(["acme", "Globex-2"], folder)
    return folder


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    for path in kept.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_files(kept: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in kept.iterdir()}
    keys = {"authority.key": 0o600, f"{ACME}.key": 0o600, "globex-2.curdbee.com.key": 0o600}
    assert {name: mode for name, mode in modes.items() if name.endswith(".key")} == keys
    assert {name for name in modes if not name.endswith(".key")} == {
        "authority.pem",
        f"{ACME}.pem",
        "globex-2.curdbee.com.pem",
    }
    assert kept.stat().st_mode & 0o777 == 0o700


def test_what_is_returned(tmp_path: Path) -> None:
    assert certs.make([], tmp_path) == [tmp_path / "authority.pem"]
    assert certs.make(["acme"], tmp_path) == [tmp_path / "authority.pem", tmp_path / f"{ACME}.pem"]


def handshake(kept: Path, name: str, certificate: str = ACME, authority: str = "authority") -> None:
    """A client that trusts the authority alone, strict as Python can be, talks to a server with the certificate."""
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server_side.load_cert_chain(kept / f"{certificate}.pem", kept / f"{certificate}.key")
    client_side.load_verify_locations(kept / f"{authority}.pem")
    client_side.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert client.version()


def test_openssl_verifies_the_chain(kept: Path) -> None:
    handshake(kept, ACME)
    handshake(kept, "globex-2.curdbee.com", "globex-2.curdbee.com")


def test_openssl_refuses_another_name(kept: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(kept, "globex-2.curdbee.com")


def test_openssl_refuses_another_authority(kept: Path, tmp_path: Path) -> None:
    certs.make([], tmp_path)
    mixed = {**contents(kept), "authority.pem": (tmp_path / "authority.pem").read_bytes()}
    for name, content in mixed.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        handshake(tmp_path, ACME)


def test_a_strict_verifier_of_the_web_accepts_it(kept: Path) -> None:
    store = Store([read(kept / "authority.pem")])
    PolicyBuilder().store(store).build_server_verifier(x509.DNSName(ACME)).verify(read(kept / f"{ACME}.pem"), [])


def test_the_authority_is_good_for_no_other_domain(folder: Path) -> None:
    """Whoever steals its key cannot pose as a bank."""
    authority, key = certs._authority(folder)
    name = "bank.example"
    (folder / f"{name}.pem").write_bytes(certs._signed_host(name, certs._key(folder / f"{name}.key"), authority, key))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(folder, name, name)
    verifier = PolicyBuilder().store(Store([authority])).build_server_verifier(x509.DNSName(name))
    with pytest.raises(VerificationError):
        verifier.verify(read(folder / f"{name}.pem"), [])


def test_clients_of_the_era_can_read_it(kept: Path) -> None:
    """No name constraint that is critical, no other signature than RSA with SHA-256, a common name."""
    authority, host = read(kept / "authority.pem"), read(kept / f"{ACME}.pem")
    for certificate in (authority, host):
        assert certificate.public_key().key_size == 2048
        assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
        assert certificate.signature_algorithm_oid == x509.SignatureAlgorithmOID.RSA_WITH_SHA256
    critical = {extension.oid._name for extension in authority.extensions if extension.critical}
    assert critical == {"basicConstraints", "keyUsage"}
    assert host.subject.rfc4514_string() == f"CN={ACME}"
    names = host.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [ACME]


def test_how_long_they_last(kept: Path) -> None:
    authority, host = read(kept / "authority.pem"), read(kept / f"{ACME}.pem")
    assert host.not_valid_after_utc - host.not_valid_before_utc <= datetime.timedelta(825)
    assert host.not_valid_after_utc < authority.not_valid_after_utc
    now = datetime.datetime.now(datetime.UTC)
    for certificate in (authority, host):
        assert certificate.not_valid_before_utc < now - datetime.timedelta(hours=23)
        assert certificate.not_valid_after_utc > now + datetime.timedelta(700)


def test_a_second_run_changes_nothing(folder: Path) -> None:
    before = contents(folder)
    certs.make(["acme", "globex-2"], folder)
    assert contents(folder) == before


def test_another_name_leaves_the_rest(folder: Path) -> None:
    before = contents(folder)
    certs.make(["initech"], folder)
    after = contents(folder)
    assert {name: after[name] for name in before} == before
    handshake(folder, "initech.curdbee.com", "initech.curdbee.com")


def test_a_certificate_about_to_end_is_renewed_with_the_same_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / f"{ACME}.pem").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(certs, "HOST_DAYS", 89)
        certs.make(["acme"], folder)
    before = contents(folder)
    certs.make(["acme"], folder)
    after = contents(folder)
    assert {name for name in after if after[name] != before[name]} == {f"{ACME}.pem"}
    assert read(folder / f"{ACME}.pem").not_valid_after_utc > datetime.datetime.now(datetime.UTC) + datetime.timedelta(
        799
    )
    handshake(folder, ACME)


def test_a_certificate_of_another_authority_is_made_anew(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    certs.make(["acme"], other)
    for name in (f"{ACME}.pem", f"{ACME}.key"):
        (folder / name).write_bytes((other / name).read_bytes())
    certs.make(["acme"], folder)
    handshake(folder, ACME)


def test_a_run_that_died_after_the_key_is_taken_up(folder: Path) -> None:
    key = (folder / "authority.key").read_bytes()
    for path in folder.iterdir():
        if path.name != "authority.key":
            path.unlink()
    certs.make(["acme"], folder)
    assert (folder / "authority.key").read_bytes() == key
    handshake(folder, ACME)


@by_row(
    "name",
    {
        "empty": "",
        "dot": ".",
        "another domain": "acme.example.com",
        "two labels": "a.b",
        "wildcard": "*",
        "path": "../acme",
        "dash first": "-acme",
        "dash last": "acme-",
        "underscore": "a_b",
        "blank": "a b",
        "line end": "acme\n",
        "beyond ASCII": "m\u00fcller",
        "too long": "a" * 53,
        "NUL": "a\0b",
    },
)
def test_a_name_that_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(certs.Refused, match="is no subdomain"):
        certs.make(["acme", name], tmp_path)
    assert contents(tmp_path) == {}


@by_row("name", {"whole": "acme.curdbee.com", "capitals": "ACME", "longest": "a" * 52, "digit": "1"})
def test_names(tmp_path: Path, name: str) -> None:
    _, path = certs.make([name], tmp_path)
    assert path.name == f"{certs.host_name(name)}.pem"
    handshake(tmp_path, certs.host_name(name), path.stem)


def spoil(folder: Path, name: str, content: bytes | None) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)


@by_row(
    ("name", "content", "told"),
    {
        "no authority key": ("authority.key", None, "is gone"),
        "broken authority key": ("authority.key", b"-", "is no private key"),
        "broken authority": ("authority.pem", b"-", "is no certificate"),
        "broken key": (f"{ACME}.key", b"-", "is no private key"),
        "broken certificate": (f"{ACME}.pem", b"-", "is no certificate"),
    },
)
def test_what_is_broken_is_left_alone(folder: Path, name: str, content: bytes | None, told: str) -> None:
    spoil(folder, name, content)
    before = contents(folder)
    with pytest.raises(certs.Refused, match=told) as refused:
        certs.make(["acme"], folder)
    assert "\n" not in str(refused.value)
    assert contents(folder) == before


def test_an_authority_and_a_key_that_do_not_belong_together(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    certs.make([], other)
    spoil(folder, "authority.key", (other / "authority.key").read_bytes())
    with pytest.raises(certs.Refused, match="do not belong together"):
        certs.make(["acme"], folder)


def test_an_authority_that_ends_signs_no_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "authority.pem").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(certs, "AUTHORITY_DAYS", 100)
        certs.make(["acme"], folder)
    authority, host = read(folder / "authority.pem"), read(folder / f"{ACME}.pem")
    assert host.not_valid_after_utc == authority.not_valid_after_utc
    monkeypatch.setattr(certs, "RENEWED_BEFORE", datetime.timedelta(101))
    with pytest.raises(certs.Refused, match="ends on"):
        certs.make(["acme"], folder)


def test_a_folder_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(certs.Refused, match="cannot use"):
        certs.make(["acme"], tmp_path / "file" / "certs")
