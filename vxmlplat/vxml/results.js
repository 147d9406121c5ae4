// What the host tells a session's scopes about a wait, in one call each: application.lastresult$, an item's variable with
// its shadow variables, and undefined item variables. The functions are taken before any document could change them.
(function () {
  "use strict";
  var parse = JSON.parse, define = Object.defineProperty;
  function put(scope, name, value) {
    define(scope, name, { value: value, writable: true, enumerable: true, configurable: true });
  }
  return function (what, scope, name, json) {
    if (what === "item") {
      var told = parse(json);
      put(scope, name, told[0]);
      put(scope, name + "$", told[1]);
    } else if (what === "lastresult") {
      var heard = parse(json), list = heard[0], own = heard[1];
      for (var key in own) list[key] = own[key];
      put(scope, name, list);
    } else {
      put(scope, name, undefined);
    }
  };
})
