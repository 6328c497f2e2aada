"""Handing mails to an SMTP server, and what may stand in their headers and envelopes. Knows no queue."""

import re
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import Header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from types import TracebackType
from typing import NoReturn, Self

TIMEOUT = 30  # seconds for each answer of the server

# Letters, digits and dots, and what RFC 5322 lets stand beside them without quotes. Nothing that ends a header or a
# command fits in, nor what looks like an encoded word (RFC 2047). Nor does a letter beyond ASCII, which many servers
# still refuse (RFC 6531); a domain can be given in its form for them, xn--….
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(
    rf"(?!.*=\?)(?=.{{1,64}}@)(?=.{{3,254}}\Z){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?=[A-Za-z]){_LABEL}"
)
_NAMED = re.compile(r'("[^"\\]+"|\w[^"\\<>@,;:()\[\]]*) <([^<>]*)>')
BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")  # blanks, all that ends a line, controls

# Old programs and servers know seven bits only; the default policy would send eight where a text allows it.
POLICY = SMTP.clone(cte_type="7bit")


class Postponed(Exception):
    """It could not be sent now; it may be possible later."""


class Unreachable(Postponed):
    """The server took no mail at all: it is away, or it does not let us in."""


class Undeliverable(Exception):
    """It will never be sent."""


@dataclass(frozen=True)
class Server:
    """Where mails go. `sender` is an address, or a name with one: `Billing <billing@example.test>`."""

    host: str
    port: int
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False

    @property
    def envelope_sender(self) -> str:
        """The address alone."""
        return self.sender.rpartition("<")[2].removesuffix(">")


def is_address(text: str) -> bool:
    """Whether mail can be sent there."""
    return ADDRESS.fullmatch(text) is not None


def is_sender(text: str) -> bool:
    """Whether it is an address, or a name with one in angle brackets."""
    named = _NAMED.fullmatch(text)
    name, address = named.groups() if named else ("", text)
    return is_address(address) and name == one_line(name) and "=?" not in name


def one_line(text: str) -> str:
    """The text on one line, without controls: fit for a header, and for a terminal."""
    return BREAKS.sub(" ", text).strip()


def composed(headers: Mapping[str, str], subject: str, text: str, html: str) -> bytes:
    """A message in two versions that say the same. Undeliverable where a header cannot be written."""
    message = EmailMessage(policy=POLICY)
    try:
        for name, value in headers.items():
            message[name] = value
        # Not `message["Subject"]`: that decodes what looks like an encoded word in the text, and then writes the line
        # ends that were in it; and folding long lines it drops blanks between words that are not ASCII.
        message.set_raw("Subject", Header(subject, _charset_for(subject), header_name="Subject").encode())
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        content = message.as_bytes()
    except (ValueError, MessageError) as error:
        raise Undeliverable(f"the mail cannot be written: {one_line(str(error))}") from None
    if BytesHeaderParser().parsebytes(content).keys() != message.keys():
        raise Undeliverable("the mail cannot be written: its headers would not be read as they were meant")
    return content


def _charset_for(subject: str) -> str:
    return "us-ascii" if subject.isascii() and subject.isprintable() and "=?" not in subject else "utf-8"


class Session:
    """Sends mails over one connection; opened for the first, and anew after anything went wrong. A context manager."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: BaseException | TracebackType | type[BaseException] | None) -> None:
        self._close()

    def send(self, content: bytes, addresses: Sequence[str]) -> str | None:
        """Hand a message over, for all the addresses. What the server said of those it refused, if it took others.

        Postponed, Unreachable or Undeliverable, if it was taken for nobody."""
        connection = self._connection = self._connection or _opened(self._server)
        try:
            refused = connection.sendmail(self._server.envelope_sender, list(addresses), content)
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            _judge(error)
        return _refusals(refused) if refused else None

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()


def _opened(server: Server) -> smtplib.SMTP:
    """A connection that is ready for mail."""
    connection = None
    try:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        if server.starttls:
            connection.starttls(context=ssl.create_default_context())
        if server.username:
            connection.login(server.username, server.password)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        if connection:
            connection.close()
        raise Unreachable(f"{server.host}, port {server.port}: {_told(error)}") from None
    return connection


def _judge(error: Exception) -> NoReturn:
    """5xx of the server is for good (RFC 5321, 4.2.1); all else may pass."""
    codes = [getattr(error, "smtp_code", 0)]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    raise (Undeliverable if all(500 <= code < 600 for code in codes) else Postponed)(_told(error)) from None


def _told(error: Exception) -> str:
    """What a server or the network said, on one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refusals(error.recipients)
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    return one_line(str(error)) or type(error).__name__


def _refusals(refused: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{address}: {_reply(*reply)}" for address, reply in refused.items())


def _reply(code: int, text: bytes | str) -> str:
    return one_line(f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}")[:500]
