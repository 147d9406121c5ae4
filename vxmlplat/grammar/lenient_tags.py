"""Tags of older formats, as they are met in the field, read as well as can be.

What is understood, whatever the declared ``tag-format`` (or none) says:

- a bare text without operators is the value itself: ``<tag>sales</tag>``;
- an expression is the value: ``<tag>'sales'</tag>``, ``<tag>1 + 2</tag>``;
- assignments to names fill the value (``city='BOS'; n=2``), as in Nuance's ``swi-semantics/1.0`` and
  Lucent's tags;
- the drafts of SISR: ``$ = 'x'``, ``$.a = 'b'``, ``$$`` for the latest rule, ``$name`` and ``$name.a`` for
  a rule's value;
- what SISR 1.0 says (``out``, ``rules``, ``meta``), and a referred rule by its plain name (``city.V``,
  ``SWI_meaning``).

A tag that fails as a script counts as its text. Slots that rules without assignments of their own fill are
merged upwards, as those platforms do.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from vxmlplat.ecma import check_expression, check_script

_BARE = re.compile(r"[^\W\d][\w .,:/#@-]*", re.S)
_KEYWORDS = {"true": "true", "false": "false", "null": "null"}

LENIENT_PRELUDE = """
function $si_environment($si_r) {
  var value = {}, slots = {}, filled = false, assigned = false;
  function known(name) {
    return name === 'out' || name === '$' || name === '$$' || name in slots
      || name[0] === '$' && name.slice(1) in $si_r.rules || name in $si_r.rules && name !== 'latest';
  }
  var handler = {
    has: function (target, name) {
      return typeof name === 'string' && name.slice(0, 4) !== '$si_' && name !== 'rules' && name !== 'meta'
        && (known(name) || !(name in globalThis));
    },
    get: function (target, name) {
      if (typeof name !== 'string') return undefined;
      if (name === 'out' || name === '$') { assigned = true; return value; }
      if (name === '$$') return $si_r.latest();
      if (name in slots) return slots[name];
      if (name in $si_r.rules) return $si_r.rules[name];
      if (name[0] === '$' && name.slice(1) in $si_r.rules) return $si_r.rules[name.slice(1)];
      throw new ReferenceError(name + ' is not defined');
    },
    set: function (target, name, to) {
      if (name === 'out' || name === '$' || name === 'SWI_meaning') { value = to; assigned = true; }
      else { slots[name] = to; filled = true; }
      return true;
    }
  };
  return {
    scope: new Proxy(Object.create(null), handler),
    expression: function (result) {
      if (!assigned && !filled && result !== undefined) { value = result; assigned = true; }
    },
    literal: function (text) { if (!assigned && !filled) { value = text; assigned = true; } },
    value: function () {
      var names = Object.keys(slots);
      if (filled && (!assigned || typeof value === 'object' && value !== null)) {
        for (var i = 0; i < names.length; i++) value[names[i]] = slots[names[i]];
      }
      if (!filled && !assigned) return $si_r.latest();
      return value;
    }
  };
}
"""


@lru_cache(maxsize=512)
def lenient_statement(content: str) -> str:
    """The statement that a tag of an unknown format becomes inside its rule's function."""
    source = content.strip()
    text = json.dumps(source)
    if _BARE.fullmatch(source) and source not in _KEYWORDS:
        return f"$si_lenient.literal({text});"
    if not source or check_script(source) is not None:
        return f"$si_lenient.literal({text});"
    expression = source.rstrip("; \t\r\n")
    if check_expression(expression) is None:
        body = source if _assigns(source) else f"$si_lenient.expression(({expression}\n));"
    else:
        body = source
    otherwise = f"$si_lenient.literal({text});"
    return f"try {{ with ($si_lenient.scope) {{ {body}\n;}} }} catch ($si_error) {{ {otherwise} }}"


def _assigns(source: str) -> bool:
    """Whether an expression is an assignment, whose value is of no interest in itself."""
    return re.match(r"[\w$.\[\]'\"]+\s*[-+*/]?=(?!=)", source) is not None
