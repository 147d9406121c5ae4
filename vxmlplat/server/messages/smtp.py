"""E-mail by SMTP (RFC 5321)."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import ssl
from email.message import EmailMessage

from vxmlplat.config import EmailSettings
from vxmlplat.server.messages.gateway import GatewayError, RefusedMessageError
from vxmlplat.store.outbox import OutgoingMessage

PATIENCE = 20.0
"""Seconds that the mail server has for an answer."""


class SmtpGateway:
    """Hands e-mail to the operator's mail server, a connection a message, off the event loop."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    async def send(self, message: OutgoingMessage) -> None:
        """Hand it over. 5xx answers are final (RFC 5321 §4.2.1), but for a login that is refused."""
        try:
            await asyncio.to_thread(self._send, written(message, self._settings.sender))
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise GatewayError(f"{self._settings.host} does not let us in: {error}") from error
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _told(code, text) from error
        except smtplib.SMTPResponseException as error:
            raise _told(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise GatewayError(f"{self._settings.host}:{self._settings.port}: {error}") from error

    def _send(self, message: EmailMessage) -> None:
        settings = self._settings
        context = ssl.create_default_context()
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=PATIENCE, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=PATIENCE)
        try:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.user:
                server.login(settings.user, settings.password or "")
            server.send_message(message)
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()  # the message is theirs already, whatever they say to this
        finally:
            server.close()


def written(message: OutgoingMessage, sender: str) -> EmailMessage:
    """The e-mail as it goes out; its Message-ID is the message's id, the same at every try."""
    email = EmailMessage()
    email["From"] = sender
    email["To"] = message.recipient
    email["Subject"] = message.subject
    email["Date"] = message.created
    email["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    email["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers it
    email.set_content(message.text)
    return email


def _told(code: int, text: bytes | str) -> GatewayError:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    kind = RefusedMessageError if 500 <= code < 600 else GatewayError
    return kind(f"the mail server says {code} {said}")
