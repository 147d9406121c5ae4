// What every engine begins with: the host's entry points. It runs before any script of a document and keeps the
// natives that it needs, so that no script can bend them. Its value is the function that hands out the entry points
// by name; nothing of it is left in the global object. Every session carries it: it is to stay small.
(function (G) {
  "use strict";
  var O = Object, F = G.Function, J = JSON.stringify, P = JSON.parse, R = Reflect, apply = R.apply;
  var define = O.defineProperty, keys = O.keys, freeze = O.freeze, own = O.prototype.hasOwnProperty;
  var str = String, num = Number, Err = Error, RefErr = ReferenceError, names = O.getOwnPropertyNames;
  var indexOf = String.prototype.indexOf, slice = String.prototype.slice, wellFormed = String.prototype.toWellFormed;
  var has = function (o, name) { return apply(own, o, [name]); };

  // ---- What a value looks like to the host: primitives as they are, the rest as a text that begins with U+0001.
  // A text is handed out in one piece: the binding cannot read the engine's ropes, which toWellFormed ties together.
  function tagged(tag, s) { return apply(wellFormed, tag + s, []); }
  function text(s) {
    s = apply(wellFormed, s, []);
    return apply(indexOf, s, ["\u0000"]) < 0 && s[0] !== "\u0001" ? s : tagged("\u0001j", J(s));
  }
  function out(v) {
    switch (typeof v) {
      case "string": return text(v);
      case "number": case "boolean": return v;
      case "bigint": return num(v);
      case "object":
        if (v === null) return null;
        var s = J(v);
        return s === undefined ? "\u0001u" : tagged("\u0001j", s);
    }
    return "\u0001u";
  }
  // An error is put into words here, inside the time limit: its toString may be the document's.
  function cut(v) { return apply(wellFormed, apply(slice, str(v), [0, 500]), []); }
  function err(e) {
    var name = "Thrown", message = "a value that cannot be shown";
    try {
      if (e instanceof Err || e instanceof DOMExc) { name = cut(e.name); message = cut(e.message); }
      else message = cut(e);
    } catch (_) { }
    return tagged("\u0001e", J([name, message]));
  }
  var DOMExc = G.DOMException;

  // ---- Compiling: the scopes of a chain nest by `with`, so that a name is found and set where it is declared.
  function nest(depth, body) {
    var parameters = [], head = "", tail = "";
    for (var i = 0; i < depth; i++) { parameters[i] = "$" + i; head += "with($" + i + "){"; tail += "}"; }
    return [parameters, head + body + "\n" + tail];
  }
  function build(depth, extra, body) {
    var n = nest(depth, body), p = n[0];
    for (var i = 0; i < extra.length; i++) p[p.length] = extra[i];
    p[p.length] = n[1];
    return apply(F, undefined, p);
  }
  var makers = O.create(null);
  // A maker turns a compiled body into the function that the host calls: it catches, and shows the outcome.
  function maker(depth, count, show) {
    var id = depth + ":" + count + ":" + show;
    if (makers[id]) return makers[id];
    var list = "", all;
    for (var i = 0; i < depth + count; i++) list += (i ? "," : "") + "$" + i;
    all = F("out", "err", "f", "return function(" + list + "){try{return " + show.replace("#", "f(" + list + ")") +
      "}catch(e){return err(e)}}");
    return makers[id] = all;
  }
  var SHOW = {
    value: "out(#)", string: "out(''+#)", condition: "!!#", type: "#", reference: "[#]", statement: "void #",
  };
  function program(depth, source, json, finish) {
    try {
      var declared = P(json), functions = declared[0], lexicals = declared[1], lead = "", i;
      for (i = 0; i < functions.length; i++) lead += "$d(" + J(functions[i]) + ",{value:" + functions[i] + ",writable:true});";
      for (i = 0; i < lexicals.length; i++)
        lead += "$d(" + J(lexicals[i]) + ",{get:function(){return " + lexicals[i] + "},set:function($v){" + lexicals[i] + "=$v}});";
      return maker(depth, 1, SHOW.statement)(out, err, finish(build(depth, ["$d"], lead + "\n" + source)));
    } catch (e) { return err(e); }
  }
  // A closed program may not set variables that nobody declared: they would become the global object's.
  function closed(f) {
    return function () {
      var before = names(G).length;
      try { apply(f, undefined, arguments); } catch (e) { strays(before); throw e; }
      var name = strays(before);
      if (name !== undefined) throw new RefErr(str(name) + " is not declared");
    };
  }
  function strays(before) {
    var after = names(G);
    for (var i = before; i < after.length; i++) R.deleteProperty(G, after[i]);
    return after[before];
  }

  var entry = {
    compile: function (depth, kind, source) {
      try {
        var body = "return " + (kind === "type" ? "typeof (\n" : "(\n") + source + "\n)";
        return maker(depth, 0, SHOW[kind])(out, err, build(depth, [], body));
      } catch (e) { return err(e); }
    },
    target: function (depth, source) {
      try {
        var f = build(depth, ["$v"], '(function(){"use strict";(\n' + source + "\n)=$v[0]})()");
        return maker(depth, 1, SHOW.statement)(out, err, f);
      } catch (e) { return err(e); }
    },
    program: function (depth, source, json) { return program(depth, source, json, function (f) { return f; }); },
    closed: function (depth, source, json) { return program(depth, source, json, closed); },
    guard: function (f) {
      return function (a, b, c, d) { try { return out(f(a, b, c, d)); } catch (e) { return err(e); } };
    },
    // By this a program hands its functions and its let, const and class to a scope.
    giver: function (scope) {
      return function (name, what) { what.enumerable = what.configurable = true; define(scope, name, what); };
    },
    scope: function (json) {
      var names = P(json), s = {};
      for (var i = 0; i < names.length; i++) define(s, names[i], { value: s, configurable: true });
      return s;
    },
    box: function (json) { return json ? [P(json)] : [undefined]; },
    // Variables: `box` is an array of one value, so that undefined and null stay apart on the way in.
    put: function (scope, name, box, readOnly) {
      try {
        define(scope, name, { value: readOnly ? deep(box[0]) : box[0], writable: !readOnly, enumerable: true, configurable: true });
      } catch (e) { return err(e); }
    },
    predeclare: function (scope, json) {
      var names = P(json);
      for (var i = 0; i < names.length; i++) if (!has(scope, names[i]))
        define(scope, names[i], { value: undefined, writable: true, enumerable: true, configurable: true });
    },
    get: function (scope, name) { try { return has(scope, name) ? out(scope[name]) : "\u0001u"; } catch (e) { return err(e); } },
    has: function (scope, name) { return has(scope, name); },
    remove: function (scope, name) { return R.deleteProperty(scope, name); },
    names: function (scope) { return J(keys(scope)); },
    clear: function (scope) { var k = keys(scope); for (var i = 0; i < k.length; i++) R.deleteProperty(scope, k[i]); },
  };
  function deep(v) {
    if (typeof v === "object" && v !== null && !O.isFrozen(v)) {
      freeze(v);
      var k = keys(v);
      for (var i = 0; i < k.length; i++) deep(v[k[i]]);
    }
    return v;
  }

  return function (name) { return entry[name]; };
})(globalThis)
