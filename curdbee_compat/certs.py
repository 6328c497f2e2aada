"""A private certificate authority for the old name, and server certificates made by it. Knows files, and no server.

What it makes is read by clients as old as OpenSSL 0.9.8: RSA with 2048 bits, SHA-256, the name also as common name."""

import datetime
import os
import re
import secrets
from collections.abc import Iterable
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DOMAIN = "curdbee.com"
SUBDOMAIN = re.compile("[a-z0-9](?:[a-z0-9-]{0,50}[a-z0-9])?")  # a common name has 64 characters at most
AUTHORITY = "authority"  # no certificate of a host is called so: those end in the domain
AUTHORITY_DAYS = 3652
HOST_DAYS = 800  # more than 825 no Apple device accepts
RENEWED_BEFORE = datetime.timedelta(90)
SLOW_CLOCKS = datetime.timedelta(1)  # how far a client's clock may be behind
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


class Refused(ValueError):
    """It cannot be made; the text says why, on one line."""


def make(subdomains: Iterable[str], folder: Path) -> list[Path]:
    """A certificate for each SUB.curdbee.com. Files that are there stay, but for certificates about to end.

    In the folder: authority.pem, which clients are to trust; SUB.curdbee.com.pem and .key for the web server; and
    authority.key, which nobody else may have. Returns the certificates' paths, the authority's first."""
    names = [host_name(text) for text in subdomains]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority, key = _authority(folder)
        return [folder / f"{AUTHORITY}.pem", *(_host(name, folder, authority, key) for name in names)]
    except OSError as error:
        raise Refused(f"cannot use {folder}: {error.filename or ''} {error.strerror}") from None


def host_name(subdomain: str) -> str:
    """SUB.curdbee.com of SUB."""
    name = subdomain.lower().removesuffix(f".{DOMAIN}")
    if not SUBDOMAIN.fullmatch(name):
        raise Refused(
            f"{subdomain!r} is no subdomain: write what stands before .{DOMAIN}; letters, digits and dashes, 52 at most"
        )
    return f"{name}.{DOMAIN}"


def _authority(folder: Path) -> tuple[x509.Certificate, RSAPrivateKey]:
    """The folder's own; made when there is none."""
    path, key_path = folder / f"{AUTHORITY}.pem", folder / f"{AUTHORITY}.key"
    if path.exists() and not key_path.exists():
        raise Refused(
            f"{key_path} is gone; put it back, or name another folder and let all clients trust a new authority"
        )
    key = _key(key_path)
    if not path.exists():
        _put(path, _signed_authority(key), 0o644)
    certificate = _read(path)
    if certificate.public_key() != key.public_key():
        raise Refused(f"{path} and {key_path} do not belong together")
    if certificate.not_valid_after_utc < _now() + RENEWED_BEFORE:
        raise Refused(
            f"{path} ends on {certificate.not_valid_after_utc.date()}; name another folder for a new authority"
        )
    return certificate, key


def _host(name: str, folder: Path, authority: x509.Certificate, authority_key: RSAPrivateKey) -> Path:
    path = folder / f"{name}.pem"
    key = _key(folder / f"{name}.key")
    if not (path.exists() and _lasts(_read(path), key, authority)):
        _put(path, _signed_host(name, key, authority, authority_key), 0o644, replace=True)
    return path


def _lasts(certificate: x509.Certificate, key: RSAPrivateKey, authority: x509.Certificate) -> bool:
    """Whether a certificate that is there belongs to the key and the authority, and will do for some time."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return certificate.public_key() == key.public_key() and certificate.not_valid_after_utc > _now() + RENEWED_BEFORE


def _signed_authority(key: RSAPrivateKey) -> bytes:
    """It can sign for the domain only. The constraint is not critical, against RFC 5280: OpenSSL before 1.0 and Apple's
    of the time know no name constraints and would refuse the whole; those that know them heed it all the same."""
    name = _named(f"curdbee-compat authority {secrets.token_hex(4)}")
    permitted = [x509.DNSName(DOMAIN)]
    excluded = [x509.IPAddress(ip_network(everything)) for everything in ("0.0.0.0/0", "::/0")]
    builder = _certificate(name, name, key, key, _now() + datetime.timedelta(AUTHORITY_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    builder = builder.add_extension(x509.NameConstraints(permitted, excluded), critical=False)
    return _pem(builder, key)


def _signed_host(name: str, key: RSAPrivateKey, authority: x509.Certificate, authority_key: RSAPrivateKey) -> bytes:
    end = min(_now() + datetime.timedelta(HOST_DAYS), authority.not_valid_after_utc)
    builder = _certificate(_named(name), authority.subject, key, authority_key, end)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(digital_signature=True, key_encipherment=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return _pem(builder, authority_key)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: RSAPrivateKey, signer: RSAPrivateKey, end: datetime.datetime
) -> x509.CertificateBuilder:
    """What both kinds have in common."""
    public, signer_public = key.public_key(), signer.public_key()
    builder = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number(), _now() - SLOW_CLOCKS, end)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    return builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_public), critical=False)


def _usage(**allowed: bool) -> x509.KeyUsage:
    return x509.KeyUsage(**dict.fromkeys(USAGES, False) | allowed)


def _pem(builder: x509.CertificateBuilder, signer: RSAPrivateKey) -> bytes:
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def _key(path: Path) -> RSAPrivateKey:
    """The key in the file; made when there is none."""
    if not path.exists():
        fresh = generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        _put(path, fresh, 0o600)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError):
        raise Refused(f"{path} is no private key without a password; put the old one back, or move it away") from None
    if not isinstance(key, RSAPrivateKey):
        raise Refused(f"{path} is no RSA key; move it away")
    return key


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError:
        raise Refused(f"{path} is no certificate; move it away") from None


def _put(path: Path, content: bytes, mode: int, replace: bool = False) -> None:
    """Write a file that nobody sees half-written. One that is there stays, unless it is to be replaced."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
        if replace:
            fresh.replace(path)
        else:
            os.link(fresh, path)
    except FileExistsError:  # somebody else made it meanwhile
        pass
    finally:
        fresh.unlink(missing_ok=True)
