// The Connection, Dialog and Conference objects of a session, and event$ (CCXML 1.0 §7.4, §9.3, §10.2, §10.3).
// The objects live on and change with events; scripts cannot write to them.
(function () {
  "use strict";
  const P = JSON.parse, define = Object.defineProperty, O = Object;
  const has = Function.prototype.call.bind(O.prototype.hasOwnProperty);
  const all = { connection: {}, dialog: {}, conference: {} };
  function show(target, name, value) {
    define(target, name, { value, writable: false, enumerable: true, configurable: true });
  }
  function freeze(value) {
    if (typeof value === "object" && value !== null) {
      for (const name in value) freeze(value[name]);
      O.freeze(value);
    }
    return value;
  }
  const operations = {
    session(scope, json) {
      const values = P(json);
      for (const name in values) show(scope, name, freeze(values[name]));
      show(scope, "connections", all.connection);
      show(scope, "dialogs", all.dialog);
      show(scope, "conferences", all.conference);
    },
    update(kind, id, json) {
      if (!has(all[kind], id)) show(all[kind], id, {});
      const object = all[kind][id], values = P(json);
      for (const name in values) show(object, name, values[name]);
    },
    show(kind, id) { return all[kind][id]; },
    remove(kind, id) { delete all[kind][id]; },
    event(scope, json) {
      const event = P(json);
      for (const kind in all) {
        const id = event[kind + "id"];
        if (typeof id === "string" && has(all[kind], id)) event[kind] = all[kind][id];
      }
      define(scope, "event$", { value: event, writable: true, enumerable: true, configurable: true });
    },
  };
  return (operation, a, b, c) => operations[operation](a, b, c);
})
