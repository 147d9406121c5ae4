// Brings values that the host kept, and objects that it goes on changing, into an engine (transplant.py says how they
// are written down). It is put in place before any script of the session and keeps the natives that it needs.
(function () {
  "use strict";
  var P = JSON.parse, define = Object.defineProperty, freeze = Object.freeze, Prox = Proxy;
  function refuse() { return false; }
  // Scripts see the host's objects through this, so that the host may write to them and nobody else. As with any
  // read-only property, writing is an error in strict code, and <assign> is; a script that is not strict writes in vain.
  var readOnly = freeze({
    set: refuse, defineProperty: refuse, deleteProperty: refuse, setPrototypeOf: refuse, preventExtensions: refuse,
  });
  function show(object, name, value, writable) {
    define(object, name, { value: value, writable: writable, enumerable: true, configurable: true });
  }
  var operations = {
    live: function () { var target = {}; return [new Prox(target, readOnly), target]; },
    remove: function (box, name) { delete box[1][name]; },
    // A scope whose variables are all the host's: its own name leads to it by a door that does not open inwards.
    shut: function (scope, name) {
      define(scope, name, { value: new Prox(scope, readOnly), configurable: true });
    },
    graft: function (json, ...handles) {
      var plan = P(json), nodes = plan.nodes, made = [], fixed = [], i, j, node, entry;
      function value(e) {
        if (typeof e !== "object" || e === null) return e;
        switch (e[0]) {
          case "u": return undefined;
          case "n": return +e[1];
          case "r": return made[e[1]];
          default: return handles[e[1]][0];
        }
      }
      function fix(e) {
        if (typeof e !== "object" || e === null || e[0] !== "r" || fixed[e[1]]) return;
        fixed[e[1]] = true;
        freeze(made[e[1]]);
        var items = nodes[e[1]][0] || [], members = nodes[e[1]][1], k;
        for (k = 0; k < items.length; k++) fix(items[k]);
        for (k = 1; k < members.length; k += 2) fix(members[k]);
      }
      for (i = 0; i < nodes.length; i++) define(made, i, { value: nodes[i][0] ? [] : {} });
      for (i = 0; i < nodes.length; i++) {
        node = nodes[i][0] || [];
        for (j = 0; j < node.length; j++) show(made[i], j, value(node[j]), true);
        node = nodes[i][1];
        for (j = 0; j < node.length; j += 2) show(made[i], node[j], value(node[j + 1]), true);
      }
      for (i = 0; i < plan.variables.length; i++) {
        entry = plan.variables[i];
        show(handles[entry[0]], entry[1], value(entry[2]), !entry[3]);
        if (entry[3]) fix(entry[2]);
      }
      for (i = 0; i < plan.members.length; i++) {
        entry = plan.members[i];
        show(handles[entry[0]][1], entry[1], value(entry[2]), false);
        fix(entry[2]);
      }
    },
  };
  return function (name) { return operations[name]; };
})()
