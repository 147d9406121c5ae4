// The engine that declarations.py asks: it compiles sources and runs none of them.
(function (G) {
  var F = G.Function, run = G.eval, text = F.prototype.toString, apply = G.Reflect.apply, names = Object.getOwnPropertyNames, J = JSON.stringify, P = JSON.parse, i;
  var all = names(G);
  for (i = 0; i < all.length; i++) delete G[all[i]];
  function why(e, above) {
    var place = /<input>:(\d+)/.exec(e.stack || ""), line = place ? place[1] - above : 0;
    return J({ error: [e.name, e.message + (line > 1 ? " (line " + line + ")" : "")] });
  }
  return function (kind, source, more) {
    try {
      if (kind === "expression") {
        F("void (\n" + source + "\n)");
        F("void [\n" + source + "\n]");
        return "";
      }
      if (kind === "target") {
        F('"use strict";(\n' + source + "\n)=0");
        return "";
      }
      if (kind === "lexicals")
        return J(P(more).filter(function (name) {
          try { F(source + "\n;let " + name + ";"); return false; } catch (e) { return true; }
        }));
      // The names are bound before the throw is reached.
      try { run("throw 0;\n" + source); } catch (e) { if (e !== 0) return why(e, 1); }
      var variables = [], functions = [], sources = [];
      names(G).forEach(function (name) {
        if (typeof G[name] === "function") functions.push(name), sources.push(apply(text, G[name], []));
        else if (delete G[name]) variables.push(name);
        delete G[name];
      });
      return J({ variables: variables, functions: functions, sources: sources });
    } catch (e) { return why(e, 3); }
  };
})(globalThis)
