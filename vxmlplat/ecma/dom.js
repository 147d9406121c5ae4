// A read-only DOM (VoiceXML 2.1 §5.1.4 and appendix D; DOM Level 2 Core) over a document handed in as JSON by dom.py:
// an element is [local name, namespace, prefix, [[local name, namespace, prefix, value]…], [child…]], a text a string.
// Nodes come into being when somebody looks at them. The value is the function that boxes a Document, or an error.
(function (G) {
  "use strict";
  const P = JSON.parse, define = Object.defineProperty, push = Array.prototype.push, apply = Reflect.apply;
  const DOMException = G.DOMException, substring = String.prototype.substr, join = Array.prototype.join;
  const state = new WeakMap(), get = state.get.bind(state), set = state.set.bind(state);
  const ELEMENT = 1, ATTRIBUTE = 2, TEXT = 3, DOCUMENT = 9;

  function refuse() {
    throw new DOMException("the document is read-only", "NoModificationAllowedError");
  }
  function of(node) {
    const s = get(node);
    if (!s) throw new TypeError("this is no DOM node");
    return s;
  }
  // A state: {type, raw, parent, owner, at (place among the siblings), list (the child nodes once they are made)}
  function make(Kind, type, raw, parent, owner, at) {
    const node = new Kind(hidden);
    set(node, { type, raw, parent, owner: owner || node, at, list: null, map: null });
    return node;
  }
  const hidden = {};

  function List(items) {
    for (let i = 0; i < items.length; i++) define(this, i, { value: items[i], enumerable: true });
    define(this, "length", { value: items.length });
  }
  List.prototype.item = function (i) { return this[i] === undefined ? null : this[i]; };

  function childrenOf(node) {
    const s = of(node);
    if (!s.list) {
      const items = [], raw = s.type === ELEMENT ? s.raw[4] : s.type === DOCUMENT ? [s.raw] : [];
      for (let i = 0; i < raw.length; i++)
        items[i] = typeof raw[i] === "string" ? make(Text, TEXT, raw[i], node, s.owner, i)
          : make(Element, ELEMENT, raw[i], node, s.owner, i);
      s.list = new List(items);
    }
    return s.list;
  }
  function attributesOf(node) {
    const s = of(node);
    if (s.type !== ELEMENT) return null;
    if (!s.map) {
      const items = [];
      for (let i = 0; i < s.raw[3].length; i++) items[i] = make(Attr, ATTRIBUTE, s.raw[3][i], node, s.owner, i);
      s.map = new NamedNodeMap(items);
    }
    return s.map;
  }
  function sibling(node, step) {
    const s = of(node);
    return s.parent && s.type !== ATTRIBUTE ? childrenOf(s.parent).item(s.at + step) : null;
  }
  function named(raw) { return raw[2] ? raw[2] + ":" + raw[0] : raw[0]; }
  function collect(node, fits, found) {
    const list = childrenOf(node);
    for (let i = 0; i < list.length; i++) if (get(list[i]).type === ELEMENT) {
      if (fits(get(list[i]).raw)) apply(push, found, [list[i]]);
      collect(list[i], fits, found);
    }
    return found;
  }
  function byName(node, name) {
    return new List(collect(node, (raw) => name === "*" || named(raw) === name, []));
  }
  function byNameNS(node, uri, name) {
    const fits = (raw) => (uri === "*" || raw[1] === (uri || "")) && (name === "*" || raw[0] === name);
    return new List(collect(node, fits, []));
  }
  function textOf(node) {
    const s = of(node);
    if (s.type === TEXT) return s.raw;
    if (s.type === ATTRIBUTE) return s.raw[3];
    const list = childrenOf(node), parts = [];
    for (let i = 0; i < list.length; i++) parts[i] = textOf(list[i]);
    return apply(join, parts, [""]);
  }

  class Node {
    constructor(key) { if (key !== hidden) throw new TypeError("a node cannot be made by a script"); }
    get nodeType() { return of(this).type; }
    get nodeName() {
      const s = of(this);
      return s.type === TEXT ? "#text" : s.type === DOCUMENT ? "#document" : named(s.raw);
    }
    get nodeValue() {
      const s = of(this);
      return s.type === TEXT ? s.raw : s.type === ATTRIBUTE ? s.raw[3] : null;
    }
    set nodeValue(_) { refuse(); }
    get textContent() { return of(this).type === DOCUMENT ? null : textOf(this); }
    set textContent(_) { refuse(); }
    get parentNode() { const s = of(this); return s.type === ATTRIBUTE ? null : s.parent; }
    get childNodes() { return childrenOf(this); }
    get firstChild() { return childrenOf(this).item(0); }
    get lastChild() { const list = childrenOf(this); return list.item(list.length - 1); }
    get previousSibling() { return sibling(this, -1); }
    get nextSibling() { return sibling(this, 1); }
    get attributes() { return attributesOf(this); }
    get ownerDocument() { const s = of(this); return s.type === DOCUMENT ? null : s.owner; }
    get namespaceURI() { const s = of(this); return s.type <= ATTRIBUTE ? s.raw[1] || null : null; }
    get prefix() { const s = of(this); return s.type <= ATTRIBUTE ? s.raw[2] || null : null; }
    set prefix(_) { refuse(); }
    get localName() { const s = of(this); return s.type <= ATTRIBUTE ? s.raw[0] : null; }
    hasChildNodes() { return childrenOf(this).length > 0; }
    hasAttributes() { const map = attributesOf(this); return map !== null && map.length > 0; }
    isSupported(feature, version) {
      return ("" + feature).toUpperCase() === "CORE" && (version == null || version === "" || version === "2.0");
    }
    normalize() { }
  }
  const TYPES = { ELEMENT_NODE: 1, ATTRIBUTE_NODE: 2, TEXT_NODE: 3, CDATA_SECTION_NODE: 4, ENTITY_REFERENCE_NODE: 5,
    ENTITY_NODE: 6, PROCESSING_INSTRUCTION_NODE: 7, COMMENT_NODE: 8, DOCUMENT_NODE: 9, DOCUMENT_TYPE_NODE: 10,
    DOCUMENT_FRAGMENT_NODE: 11, NOTATION_NODE: 12 };
  for (const name in TYPES) define(Node, name, { value: TYPES[name] }), define(Node.prototype, name, { value: TYPES[name] });

  class Document extends Node {
    get documentElement() { return childrenOf(this).item(0); }
    get doctype() { return null; }
    get implementation() { return { hasFeature: (feature, version) => this.isSupported(feature, version) }; }
    getElementsByTagName(name) { return byName(this, "" + name); }
    getElementsByTagNameNS(uri, name) { return byNameNS(this, uri, "" + name); }
    getElementById() { return null; }
  }
  class Element extends Node {
    get tagName() { return named(of(this).raw); }
    getAttribute(name) { const a = this.getAttributeNode(name); return a ? a.value : ""; }
    getAttributeNS(uri, name) { const a = this.getAttributeNodeNS(uri, name); return a ? a.value : ""; }
    getAttributeNode(name) { return attributesOf(this).getNamedItem(name); }
    getAttributeNodeNS(uri, name) { return attributesOf(this).getNamedItemNS(uri, name); }
    hasAttribute(name) { return this.getAttributeNode(name) !== null; }
    hasAttributeNS(uri, name) { return this.getAttributeNodeNS(uri, name) !== null; }
    getElementsByTagName(name) { return byName(this, "" + name); }
    getElementsByTagNameNS(uri, name) { return byNameNS(this, uri, "" + name); }
  }
  class Attr extends Node {
    get name() { return named(of(this).raw); }
    get value() { return of(this).raw[3]; }
    set value(_) { refuse(); }
    get specified() { return true; }
    get ownerElement() { return of(this).parent; }
  }
  class CharacterData extends Node {
    get data() { return of(this).raw; }
    set data(_) { refuse(); }
    get length() { return of(this).raw.length; }
    substringData(offset, count) {
      const text = of(this).raw;
      if (!(offset >= 0 && offset <= text.length && count >= 0))
        throw new DOMException("there is no such part of the text", "IndexSizeError");
      return apply(substring, text, [offset, count]);
    }
  }
  class Text extends CharacterData { }
  class NamedNodeMap {
    constructor(items) { apply(List, this, [items]); }
    item(i) { return this[i] === undefined ? null : this[i]; }
    getNamedItem(name) {
      for (let i = 0; i < this.length; i++) if (this[i].name === "" + name) return this[i];
      return null;
    }
    getNamedItemNS(uri, name) {
      for (let i = 0; i < this.length; i++)
        if ((this[i].namespaceURI || "") === (uri || "") && this[i].localName === "" + name) return this[i];
      return null;
    }
  }
  const mutators = [
    [Node, ["insertBefore", "replaceChild", "removeChild", "appendChild", "cloneNode"]],
    [Document, ["createElement", "createElementNS", "createTextNode", "createAttribute", "createAttributeNS",
      "createComment", "createCDATASection", "createDocumentFragment", "createProcessingInstruction",
      "createEntityReference", "importNode"]],
    [Element, ["setAttribute", "setAttributeNS", "removeAttribute", "removeAttributeNS", "setAttributeNode",
      "setAttributeNodeNS", "removeAttributeNode"]],
    [CharacterData, ["appendData", "insertData", "deleteData", "replaceData"]], [Text, ["splitText"]],
    [NamedNodeMap, ["setNamedItem", "setNamedItemNS", "removeNamedItem", "removeNamedItemNS"]],
  ];
  for (const [Kind, names] of mutators) for (const name of names)
    define(Kind.prototype, name, { value: { [name]() { refuse(); } }[name] });
  for (const Kind of [Node, Document, Element, Attr, CharacterData, Text, NamedNodeMap])
    define(G, Kind.name, { value: Kind, writable: true, configurable: true });

  return function (json) {
    try { return [make(Document, DOCUMENT, P(json), null, null, 0)]; }
    catch (e) { return "\u0001e" + JSON.stringify([e.name, e.message]); }
  };
})(globalThis)
