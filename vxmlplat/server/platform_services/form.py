"""Forms as documents send them: fields in a query, URL-encoded, or multipart with a recording (RFC 7578)."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from urllib.parse import parse_qsl, urlsplit

from vxmlplat.documents.fetcher import RouteRequest
from vxmlplat.server.errors import ServerError
from vxmlplat.server.internal import header

MAX_FIELDS = 200


class FormError(ServerError):
    """The body is no form that can be read."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form."""

    data: bytes
    media_type: str


def read_form(request: RouteRequest) -> tuple[dict[str, str], dict[str, Upload]]:
    """The text fields and the files of a request; of two fields of a name the last one holds."""
    fields = _pairs(urlsplit(request.uri).query)
    files: dict[str, Upload] = {}
    content_type = header(request.headers, "Content-Type")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        fields |= _pairs(request.body.decode("utf-8", "replace"))
    elif kind == "multipart/form-data":
        _read_multipart(content_type, request.body, fields, files)
    elif request.body:
        raise FormError(f"a form is needed, not {kind or 'a body without a media type'}")
    return fields, files


def _pairs(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise FormError(str(error)) from error


def _read_multipart(content_type: str, body: bytes, fields: dict[str, str], files: dict[str, Upload]) -> None:
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode("latin-1", "replace")
    # The compat32 policy would guess at text; HTTP keeps bytes as they are.
    message = BytesParser(EmailMessage, policy=policy.HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise FormError("the multipart body has no parts")
    for number, part in enumerate(message.iter_parts()):
        if number >= MAX_FIELDS:
            raise FormError(f"a form has at most {MAX_FIELDS} fields")
        name = part.get_param("name", header="Content-Disposition")
        if not isinstance(name, str):
            continue
        data = part.get_payload(decode=True)
        data = data if isinstance(data, bytes) else b""
        if part.get_filename() is None and part.get_content_maintype() == "text":
            fields[name] = data.decode("utf-8", "replace")
        else:
            files[name] = Upload(data, part.get_content_type())
