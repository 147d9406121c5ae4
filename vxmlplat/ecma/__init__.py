"""ECMAScript for VoiceXML, CCXML and SISR: scopes, limits, a read-only DOM."""

from vxmlplat.ecma.declarations import check_expression, check_script, check_target
from vxmlplat.ecma.engine import Engine, EnginePool, Limits
from vxmlplat.ecma.errors import EcmaError, ScriptError, ScriptLimitExceeded
from vxmlplat.ecma.lazy import LazyChain, LazyEngine
from vxmlplat.ecma.lazy_scopes import LazyReference, LazyScope, LiveObject
from vxmlplat.ecma.names import is_variable_name
from vxmlplat.ecma.scopes import Scope, ScopeChain
from vxmlplat.ecma.values import UNDEFINED, Reference, Undefined, Value

__all__ = [
    "UNDEFINED",
    "EcmaError",
    "Engine",
    "EnginePool",
    "LazyChain",
    "LazyEngine",
    "LazyReference",
    "LazyScope",
    "Limits",
    "LiveObject",
    "Reference",
    "Scope",
    "ScopeChain",
    "ScriptError",
    "ScriptLimitExceeded",
    "Undefined",
    "Value",
    "check_expression",
    "check_script",
    "check_target",
    "is_variable_name",
]
