// Reads a scope as a person looks at it: [name, kind, JSON or null] of each variable, functions left out. What it needs of
// the built-in objects it keeps before any script of a document could bend them.
(function () {
  "use strict";
  var keys = Object.keys, write = JSON.stringify, isArray = Array.isArray, finite = Number.isFinite, text = String;
  function kindOf(value) {
    if (value === null) return "null";
    if (isArray(value)) return "array";
    if (typeof value === "object" && typeof value.nodeType === "number") return "xml";
    return typeof value;
  }
  return function (scope, longest) {
    var names = keys(scope), found = [];
    for (var i = 0; i < names.length; i++) {
      var kind, json = null;
      try {
        var value = scope[names[i]];
        kind = kindOf(value);
        if (kind === "function") continue;
        if (kind === "number" && !finite(value)) json = write(text(value));
        else if (kind !== "xml") json = write(value);
      } catch (failure) {
        kind = "unreadable";
      }
      if (json === undefined) json = null;
      if (json !== null && json.length > longest) {
        json = null;
        kind = "long";
      }
      found[found.length] = [names[i], kind, json];
    }
    return write(found);
  };
})
