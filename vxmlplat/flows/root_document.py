"""The application root document: language, variables, navigation, and what happens on errors and hang-ups."""

from __future__ import annotations

import re

from vxmlplat.flows.dtmf import write_key_grammar
from vxmlplat.flows.ecmascript import literal, string_literal
from vxmlplat.flows.node_writer import HANGUP, FlowPlan
from vxmlplat.flows.prompt_writer import write_prompt
from vxmlplat.flows.schema import TextPiece, Variable
from vxmlplat.flows.texts import bilingual
from vxmlplat.flows.xml_writer import XmlWriter

ROOT_DOCUMENT = "root.vxml"

ERROR = "error"

_APOLOGY = TextPiece(
    text=bilingual(
        "We are sorry, this service is not available at the moment. Please call again later.",
        "抱歉，服务暂时不可用，请稍后再拨。",
    )
)

_MAX_HANDLED_ERRORS = 3
"""How often a call may come to its error handler: one that fails itself must not go round for ever."""

# Most of these are of the plain part of ECMAScript: a call that meets no other needs no engine of its own.
_FUNCTIONS = r"""
// The places at which the caller was asked something: where "back" leads.
function vx_entered(trail, place) {
  var known = trail.indexOf(place);
  return known >= 0 ? trail.slice(0, known + 1) : trail.slice(-31).concat([place]);
}

// A service's answer: the port that it names, and its value.
function vx_read(answer) {
  var root = answer.documentElement, text = root.firstChild;
  return { port: root.getAttribute('port'), value: text ? JSON.parse(text.nodeValue) : {} };
}

// A member of a value by a path such as items.0.name; undefined where there is none.
function vx_pick(value, path) { return vx_along(value, path ? path.split('.') : []); }

function vx_along(value, steps) {
  var there = steps.length && value !== undefined && value !== null;
  return there ? vx_along(value[steps[0]], steps.slice(1)) : value;
}

// The first nine entries of a list as the choices of a menu.
function vx_choices(list, label, value) { return vx_choices_from(list || [], 0, label, value); }

function vx_choices_from(list, at, label, value) {
  var entry = list[at];
  return at < list.length && at < 9
    ? [{ key: String(at + 1), label: String(vx_pick(entry, label)), value: vx_pick(entry, value) }]
        .concat(vx_choices_from(list, at + 1, label, value))
    : [];
}

// Who calls whom from where: goes along with every request to a service.
function vx_call(node) {
  var caller = vx_party('remote'), called = vx_party('local');
  return { flow: FLOW, node: node, language: application.lang, caller: caller, called: called };
}

function vx_party(side) {
  try { return session.connection[side].uri || ''; } catch (unknown) { return ''; }
}

// The language of this flow that is nearest to another flow's; the present one where none is near.
function vx_spoken(language) {
  var spoken = LANGUAGES;
  return spoken.indexOf(language) >= 0 ? language : vx_nearest(spoken, String(language).split('-')[0]);
}

function vx_nearest(spoken, primary) {
  var first = spoken.length ? spoken[0] : application.lang, near = first.split('-')[0] == primary;
  return near || !spoken.length ? first : vx_nearest(spoken.slice(1), primary);
}

// An address as seen from the document that it was written in.
function vx_address(address, base) {
  var there = /^([A-Za-z][A-Za-z0-9+.-]*:)(\/\/[^\/?#]*)?([^?#]*)/.exec(base);
  if (typeof address != 'string' || !there) { return address; }
  if (/^([A-Za-z][A-Za-z0-9+.-]*:|#|$)/.test(address)) { return address; }
  if (address.substring(0, 2) == '//') { return there[1] + address; }
  var place = there[1] + (there[2] || '');
  if (address.charAt(0) == '?') { return place + there[3] + address; }
  var rest = /[?#]|$/.exec(address).index, path = address.substring(0, rest), steps = [];
  if (path.charAt(0) != '/') { path = there[3].replace(/[^\/]*$/, '') + path; }
  path.split('/').forEach(function (step, n, all) {
    if (step == '..') { if (steps.length > 1) { steps.pop(); } } else if (step != '.') { steps.push(step); }
    if ((step == '.' || step == '..') && n == all.length - 1) { steps.push(''); }
  });
  return place + steps.join('/') + address.substring(rest);
}

// The data that came in: from the calling flow, or with the call.
function vx_incoming() {
  try {
    var given = application.vx_given || session.connection.aai, data = given ? JSON.parse(given) : {};
    return data && typeof data == 'object' && !Array.isArray(data) ? data : {};
  } catch (none) { return {}; }
}

function vx_carried(name, otherwise) {
  var data = vx_incoming();
  return Object.keys(data).indexOf(name) >= 0 ? data[name] : otherwise;
}

// The call's data, to go along with a transfer.
function vx_data() {
  return JSON.stringify(Object.assign({}, vx_incoming(), {
    flow: FLOW,
    language: application.lang,
    caller: vx_party('remote'),
    called: vx_party('local'),
DATA  }));
}
"""


def root_document(plan: FlowPlan) -> str:
    """The text of ``root.vxml``."""
    flow = plan.flow
    out = XmlWriter()
    out.raw('<?xml version="1.0" encoding="UTF-8"?>')
    top = {"version": "2.1", "xmlns": "http://www.w3.org/2001/vxml", "xml:lang": flow.languages[0]}
    with out.element("vxml", top):
        if not flow.voicexml_defaults:
            out.empty("property", {"name": "inputmodes", "value": "dtmf"})
            out.empty("property", {"name": "termchar", "value": ""})
        _write_variables(out, plan)
        out.script(_functions(plan))
        _write_navigation(out, plan)
        _write_error_catch(out, plan)
        _write_hangup_catch(out, plan)
    return out.result() + "\n"


def _write_variables(out: XmlWriter, plan: FlowPlan) -> None:
    declared = {
        "lang": literal(plan.flow.languages[0]),
        "vx_chosen": "''",
        "vx_called": "false",
        "vx_given": "''",
        "vx_trail": "[]",
        "vx_errors": "0",
        "vx_error": "''",
        "vx_gone": "false",
        "vx_loops": "{}",
        **{variable.name: literal(initial_value(variable)) for variable in plan.flow.variables},
    }
    for name, value in declared.items():
        out.empty("var", {"name": name, "expr": value})


def initial_value(variable: Variable) -> object:
    """What a variable holds when the call begins."""
    if variable.initial is None or (variable.initial == "" and variable.type != "string"):
        return {"string": "", "number": 0, "boolean": False, "object": None}[variable.type]
    return variable.initial


def _functions(plan: FlowPlan) -> str:
    data = "".join(
        f"    {string_literal(variable.name)}: application.{variable.name},\n"
        for variable in plan.flow.variables
        if variable.data
    )
    filled = {"FLOW": string_literal(plan.flow.id), "LANGUAGES": literal(plan.flow.languages), "DATA": data}
    return re.sub("|".join(filled), lambda found: filled[found[0]], _FUNCTIONS)


def _write_navigation(out: XmlWriter, plan: FlowPlan) -> None:
    """A link and a catch for each way; an item's own grammar comes first (VoiceXML 2.0 §3.1.4)."""
    navigation = plan.flow.navigation
    if not navigation.enabled:
        return
    if navigation.repeat:
        _link(out, "repeat", navigation.repeat)
        with out.element("catch", {"event": "vxmlplat.navigation.repeat"}):
            out.empty("reprompt")
    if navigation.back:
        _link(out, "back", navigation.back)
        _catch_back(out)
    if navigation.start:
        _link(out, "start", navigation.start)
        _catch_start(out, plan)
    if navigation.person:
        _link(out, "person", navigation.person)
        _catch_person(out, plan)


def _link(out: XmlWriter, way: str, key: str) -> None:
    with out.element("link", {"event": f"vxmlplat.navigation.{way}"}):
        write_key_grammar(out, [key], results=[way])


def _catch_start(out: XmlWriter, plan: FlowPlan) -> None:
    """To the flow's home; from a sub-flow, to that of the calling flow."""
    with out.element("catch", {"event": "vxmlplat.navigation.start"}):
        with out.element("if", {"cond": "application.vx_called"}):
            out.empty("return", {"event": "vxmlplat.navigation.start"})
        _go(out, plan, "start", plan.home)


def _catch_person(out: XmlWriter, plan: FlowPlan) -> None:
    """To the flow's own person, else to that of the calling flow; without either, the key is a wrong one."""
    with out.element("catch", {"event": "vxmlplat.navigation.person"}):
        if plan.person is not None:
            _go(out, plan, "person", plan.person)
            return
        with out.element("if", {"cond": "application.vx_called"}):
            out.empty("return", {"event": "vxmlplat.navigation.person"})
        out.empty("throw", {"event": "nomatch"})


def _go(out: XmlWriter, plan: FlowPlan, port: str, target: str) -> None:
    _port(out, port)
    out.empty("goto", {"next": plan.place(target)})


def _catch_back(out: XmlWriter) -> None:
    """To the place before the present one; at the first place of a sub-flow, into the calling flow."""
    forget_present = "application.vx_trail.slice(0, -1)"
    catch = out.element("catch", {"event": "vxmlplat.navigation.back"})
    with catch, out.element("if", {"cond": "application.vx_trail.length > 1"}):
        out.empty("assign", {"name": "application.vx_trail", "expr": forget_present})
        _port(out, "back")
        out.empty("goto", {"expr": "application.vx_trail[application.vx_trail.length - 1]"})
        out.branch("elseif", {"cond": "application.vx_called"})
        out.empty("return", {"event": "vxmlplat.navigation.back"})
        out.branch("else")
        out.empty("reprompt")


def _port(out: XmlWriter, port: str) -> None:
    out.empty("log", {"label": "vxmlplat.port", "expr": string_literal(port)})


def _write_error_catch(out: XmlWriter, plan: FlowPlan) -> None:
    """What no node handles: the flow's handler, else the calling flow, else an apology and the end."""
    handler = plan.handlers.get(ERROR)
    if handler is None and plan.flow.voicexml_defaults:
        return
    with out.element("catch", {"event": "error"}):
        out.empty("log", {"label": "vxmlplat.error", "expr": "_event + ': ' + _message"})
        _port(out, "error")
        if handler is not None:
            with out.element("if", {"cond": f"application.vx_errors < {_MAX_HANDLED_ERRORS}"}):
                out.empty("assign", {"name": "application.vx_errors", "expr": "application.vx_errors + 1"})
                out.empty("assign", {"name": "application.vx_error", "expr": "_event"})
                out.empty("goto", {"next": plan.place(handler)})
        with out.element("if", {"cond": "application.vx_called"}):
            out.empty("return", {"eventexpr": "_event"})
        write_prompt(out, [_APOLOGY], plan.flow.languages, plan.addresses.prompts, bargein=False)
        out.empty("exit", {"expr": "'error'"})


def _write_hangup_catch(out: XmlWriter, plan: FlowPlan) -> None:
    """Only where the flow handles hang-ups: the platform's own way is to end the session."""
    handler = plan.handlers.get(HANGUP)
    if handler is None:
        return
    with out.element("catch", {"event": HANGUP}):
        with out.element("if", {"cond": "!application.vx_gone"}):
            out.empty("assign", {"name": "application.vx_gone", "expr": "true"})
            _go(out, plan, "hangup", handler)
        out.empty("exit")
