"""Hardened loading of what comes from outside: fetch, cache, limits, XML with source positions."""

from vxmlplat.documents.cookies import CookieJar
from vxmlplat.documents.errors import DocumentError, FetchError, MarkupError
from vxmlplat.documents.fetcher import Fetcher, FetchLimits, RouteRequest, RouteResponse
from vxmlplat.documents.local import address_of
from vxmlplat.documents.markup import Element, XmlLimits, parse_resource, parse_xml
from vxmlplat.documents.request import MULTIPART, URLENCODED, FetchRequest, FilePart
from vxmlplat.documents.resource import ParsedCache, Resource

__all__ = [
    "MULTIPART",
    "URLENCODED",
    "CookieJar",
    "DocumentError",
    "Element",
    "FetchError",
    "FetchLimits",
    "FetchRequest",
    "Fetcher",
    "FilePart",
    "MarkupError",
    "ParsedCache",
    "Resource",
    "RouteRequest",
    "RouteResponse",
    "XmlLimits",
    "address_of",
    "parse_resource",
    "parse_xml",
]
