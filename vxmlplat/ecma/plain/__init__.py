"""Plain expressions and scripts: the part of ECMAScript whose meaning is certain without an engine.

Most sources of most documents are of this kind (``event$.info.dtmf == '5'``, ``n + 1``, ``'talking'``). They
are compiled once to functions and read values that the host keeps; nothing in them writes. What lies outside
is never guessed: a source that is not plain has no reader (None), and a reader that meets a value or a name
about which it would have to guess raises :class:`Beyond`. The caller then asks an engine. Scripts that only
declare variables and functions are plain too, whatever the functions do once they are called.
"""

from vxmlplat.ecma.plain.expressions import plain_expression, plain_target
from vxmlplat.ecma.plain.members import AnnotatedArray, Beyond, Members
from vxmlplat.ecma.plain.readers import Reader
from vxmlplat.ecma.plain.scripts import PlainScript, plain_script

__all__ = [
    "AnnotatedArray",
    "Beyond",
    "Members",
    "PlainScript",
    "Reader",
    "plain_expression",
    "plain_script",
    "plain_target",
]
