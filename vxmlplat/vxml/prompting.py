"""From prompts as written to prompts as heard: selection, values, audio, queueing (VoiceXML 2.0 §4.1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vxmlplat.documents import Resource
from vxmlplat.ecma import UNDEFINED, ScriptError
from vxmlplat.vxml import model, values
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.fetching import fetch_resource, request_for
from vxmlplat.vxml.platform import (
    PLAIN_VOICE,
    Audio,
    Boundary,
    Break,
    Mark,
    Phoneme,
    Prompt,
    SayAs,
    Segment,
    Text,
    Voice,
)
from vxmlplat.vxml.properties import bargein_type

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context


def select_prompts(
    context: Context, prompts: tuple[model.PromptNode, ...], counter: int
) -> list[model.PromptNode]:
    """The prompts of an item for its prompt counter: those of the highest count that fits (§4.1.6)."""
    if len(prompts) == 1:
        only = prompts[0]
        fits = only.count <= counter and (only.cond is None or context.chain.condition(only.cond))
        return [only] if fits else []
    holding = [node for node in prompts if node.cond is None or context.chain.condition(node.cond)]
    highest = max((node.count for node in holding if node.count <= counter), default=0)
    return [node for node in holding if node.count == highest]


async def queue_prompt(context: Context, node: model.PromptNode) -> None:
    """Render a prompt and put it in the queue. Raises ``ScriptError`` and :class:`Thrown`.

    A prompt of text alone is the same in every session and is rendered once.
    """
    library = context.session.library
    properties = context.properties
    key = ("prompt", id(node), id(properties), context.lang)
    prompt: Prompt | None = library.recall(key)
    if prompt is None:
        prompt = await _render_prompt(context, node)
        if all(isinstance(part, (model.TextRun, model.Pause)) for part in node.content):
            library.remember(key, (node, properties), prompt)
    if prompt.segments or node.timeout is not None:
        context.session.queue(prompt, node.timeout)


async def _render_prompt(context: Context, node: model.PromptNode) -> Prompt:
    rendering = Rendering(context, context.resolve(node.base) if node.base else context.base)
    lang = node.lang or context.lang
    segments = await rendering.render(node.content, _Style(lang, PLAIN_VOICE))
    properties = context.properties
    return Prompt(
        segments=tuple(segments),
        lang=lang,
        bargein=properties.flag("bargein") if node.bargein is None else node.bargein,
        bargeintype=bargein_type(properties, node.bargeintype),
        lexicons=tuple(rendering.lexicons),
    )


@dataclass(frozen=True, slots=True)
class _Style:
    lang: str
    voice: Voice


class Rendering:
    """Renders the content of one prompt.

    ``silent`` leaves audio unfetched: for alternate content that will most likely not be heard.
    """

    def __init__(self, context: Context, base: str, silent: bool = False) -> None:
        self.context = context
        self.base = base
        self.silent = silent
        self.lexicons: list[Resource] = []

    async def render(self, content: Iterable[model.Speech], style: _Style) -> list[Segment]:
        """The segments of some content."""
        segments: list[Segment] = []
        for node in content:
            if type(node) is model.TextRun:
                segments.append(Text(node.text, style.lang, style.voice))
            else:
                await RENDERERS[type(node)](self, node, style, segments)
        return segments


Renderer = Callable[[Rendering, Any, _Style, list[Segment]], Awaitable[None]]
RENDERERS: dict[type, Renderer] = {}
MARKUP_RENDERERS: dict[str, Renderer] = {}


def renders(key: type | str) -> Callable[[Renderer], Renderer]:
    """Register what renders a class of nodes, or :class:`model.Markup` of one tag."""

    def register(renderer: Renderer) -> Renderer:
        table: dict[Any, Renderer] = MARKUP_RENDERERS if isinstance(key, str) else RENDERERS
        if key in table:
            raise ValueError(f"{key} is registered twice")
        table[key] = renderer
        return renderer

    return register


@renders(model.TextRun)
async def _text(_: Rendering, node: model.TextRun, style: _Style, out: list[Segment]) -> None:
    out.append(Text(node.text, style.lang, style.voice))


@renders(model.Value)
async def _value(rendering: Rendering, node: model.Value, style: _Style, out: list[Segment]) -> None:
    context = rendering.context
    try:
        text = context.chain.string(node.expr)
    except ScriptError as error:
        raise Thrown(context.script_event(error, node.line)) from error
    recording = context.session.recording(text)
    if recording is not None:
        out.append(Audio(text, recording.resource))
    elif node.interpret_as:
        out.append(SayAs(text, style.lang, node.interpret_as, voice=style.voice))
    else:
        out.append(Text(text, style.lang, style.voice))


@renders(model.AudioRef)
async def _audio(rendering: Rendering, node: model.AudioRef, style: _Style, out: list[Segment]) -> None:
    context = rendering.context
    source = node.src
    if source is None:
        value = context.chain.evaluate(node.expr or "undefined")
        if value is UNDEFINED or value is None:
            return  # with its alternate (§4.1.3)
        source = value if isinstance(value, str) else context.chain.string(node.expr or "")
    recording = context.session.recording(source)
    if recording is not None:
        out.append(Audio(source, recording.resource))
        return
    resource: Resource | None = None
    uri = values.resolve(rendering.base, source)
    if not rendering.silent:
        try:
            resource = await fetch_resource(context, request_for(context, uri, node.fetch, "audio"))
        except Thrown:
            resource = None  # the alternate is heard; nothing is thrown (§4.1.3)
    if resource is None:
        out.extend(await rendering.render(node.content, style))
        return
    out.append(Audio(uri, resource, await _alternate(rendering, node, style)))


async def _alternate(rendering: Rendering, node: model.AudioRef, style: _Style) -> tuple[Segment, ...]:
    if not node.content:
        return ()
    try:
        return tuple(
            await Rendering(rendering.context, rendering.base, silent=True).render(node.content, style)
        )
    except (Thrown, ScriptError):
        return ()  # the audio is there: an error in what nobody hears throws nothing


@renders(model.MarkRef)
async def _mark(rendering: Rendering, node: model.MarkRef, _: _Style, out: list[Segment]) -> None:
    name = node.name
    if name is None:
        name = rendering.context.chain.string(node.nameexpr or "''")
    out.append(Mark(name))


@renders(model.Pause)
async def _pause(_: Rendering, node: model.Pause, __: _Style, out: list[Segment]) -> None:
    out.append(Break(node.seconds, node.strength))


@renders(model.LexiconRef)
async def _lexicon(rendering: Rendering, node: model.LexiconRef, _: _Style, __: list[Segment]) -> None:
    context = rendering.context
    uri = values.resolve(rendering.base, node.uri)
    try:
        lexicon = await fetch_resource(context, request_for(context, uri, model.NO_FETCH, "document"))
    except Thrown:
        return  # the words are spoken as the voice knows them: better than a caller who hears nothing
    rendering.lexicons.append(lexicon)


@renders(model.ForeachSpeech)
async def _foreach(
    rendering: Rendering, node: model.ForeachSpeech, style: _Style, out: list[Segment]
) -> None:
    from vxmlplat.vxml.exec_control import iterate  # it queues prompts itself

    with rendering.context.anonymous():
        for _ in iterate(rendering.context, node):
            out.extend(await rendering.render(node.content, style))


@renders(model.EnumerateSpeech)
async def _enumerate(
    rendering: Rendering, node: model.EnumerateSpeech, style: _Style, out: list[Segment]
) -> None:
    context = rendering.context
    listed = enumerated(context)
    if not listed:
        raise Thrown(
            context.semantic("<enumerate> needs the choices of a menu or the options of a field", node.line)
        )
    if not node.content:
        out.append(Text("; ".join(text for text, _ in listed if text), style.lang, style.voice))
        return
    for text, keys in listed:
        with context.anonymous() as scope:
            scope.set("_prompt", text)
            scope.set("_dtmf", UNDEFINED if keys is None else keys)
            out.extend(await rendering.render(node.content, style))
            out.append(Text(" ", style.lang, style.voice))


def enumerated(context: Context) -> list[tuple[str, str | None]]:
    """Text and keys of the choices that may be made here (§2.2.4)."""
    item = context.item
    if isinstance(item, model.Field) and item.options:
        return [(option.text, option.keys) for option in item.options]
    if context.dialog is not None and context.dialog.choices:
        return [(choice.text, choice.keys) for choice in context.dialog.choices]
    return []


# ------------------------------------------------------------------------------------------ SSML


@renders(model.Markup)
async def _markup(rendering: Rendering, node: model.Markup, style: _Style, out: list[Segment]) -> None:
    if node.lang:
        style = replace(style, lang=node.lang)
    renderer = MARKUP_RENDERERS.get(node.tag)
    if renderer is None:
        out.extend(await rendering.render(node.content, style))
    else:
        await renderer(rendering, node, style, out)


@renders("p")
@renders("s")
async def _boundary(rendering: Rendering, node: model.Markup, style: _Style, out: list[Segment]) -> None:
    out.append(Boundary("p" if node.tag == "p" else "s"))
    out.extend(await rendering.render(node.content, style))
    out.append(Text(" ", style.lang, style.voice))


@renders("voice")
async def _voice(rendering: Rendering, node: model.Markup, style: _Style, out: list[Segment]) -> None:
    get = node.attributes.get
    voice = replace(
        style.voice,
        gender=get("gender") or style.voice.gender,
        age=values.natural(get("age") or "") or style.voice.age,
        variant=values.natural(get("variant") or "") or style.voice.variant,
        name=tuple((get("name") or "").split()) or style.voice.name,
    )
    languages = (get("languages") or "").split()
    lang = languages[0].split(":")[0] if languages else style.lang
    out.extend(await rendering.render(node.content, _Style(lang, voice)))


@renders("prosody")
async def _prosody(rendering: Rendering, node: model.Markup, style: _Style, out: list[Segment]) -> None:
    get = node.attributes.get
    voice = style.voice

    def nested(name: str, outer: tuple[str, ...]) -> tuple[str, ...]:
        given = get(name)
        return outer if given is None else (*outer, given)

    voice = replace(
        voice,
        rate=nested("rate", voice.rate),
        pitch=nested("pitch", voice.pitch),
        range=nested("range", voice.range),
        volume=nested("volume", voice.volume),
        contour=get("contour") or voice.contour,
        duration=values.seconds(get("duration") or "") or voice.duration,
    )
    out.extend(await rendering.render(node.content, replace(style, voice=voice)))


@renders("emphasis")
async def _emphasis(rendering: Rendering, node: model.Markup, style: _Style, out: list[Segment]) -> None:
    voice = replace(style.voice, emphasis=node.attributes.get("level") or "moderate")
    out.extend(await rendering.render(node.content, replace(style, voice=voice)))


async def _plain(rendering: Rendering, node: model.Markup, style: _Style) -> str:
    parts = await rendering.render(node.content, style)
    return "".join(part.text for part in parts if isinstance(part, (Text, SayAs, Phoneme)))


@renders("say-as")
async def _say_as(rendering: Rendering, node: model.Markup, style: _Style, out: list[Segment]) -> None:
    get = node.attributes.get
    text = await _plain(rendering, node, style)
    kind = get("interpret-as") or (get("type") or "").split(":")[0]
    out.append(SayAs(text, style.lang, kind, get("format"), get("detail"), style.voice))


@renders("sub")
async def _sub(_: Rendering, node: model.Markup, style: _Style, out: list[Segment]) -> None:
    out.append(Text(node.attributes["alias"], style.lang, style.voice))


@renders("phoneme")
async def _phoneme(rendering: Rendering, node: model.Markup, style: _Style, out: list[Segment]) -> None:
    get = node.attributes.get
    text = await _plain(rendering, node, style)
    out.append(Phoneme(text, style.lang, node.attributes["ph"], get("alphabet") or "ipa", style.voice))
