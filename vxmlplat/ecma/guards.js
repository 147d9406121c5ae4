// Guards on natives that run on without looking at the time limit: they are held to lengths that they walk in
// milliseconds. Put in place before the first script that could reach them (engine.py says which).
(function (G) {
  "use strict";
  var define = Object.defineProperty, apply = Reflect.apply, RangeErr = RangeError;
  var LONGEST = 1000000, WORK = 1e8;
  function replace(object, name, f) { define(object, name, { value: f, writable: true, configurable: true }); }
  ["join", "indexOf", "lastIndexOf", "includes", "reverse", "fill", "copyWithin", "sort", "concat", "slice", "splice",
    "shift", "unshift", "flat", "flatMap", "forEach", "map", "filter", "some", "every", "reduce", "reduceRight", "find",
    "findIndex", "findLast", "findLastIndex", "toReversed", "toSorted", "toSpliced", "with"].forEach(function (name) {
      var native = Array.prototype[name];
      if (native) replace(Array.prototype, name, { [name]() {
        if (this != null && this.length > LONGEST) throw new RangeErr("the array is too long for " + name);
        return apply(native, this, arguments);
      } }[name]);
    });
  ["indexOf", "lastIndexOf", "includes", "split", "replace", "replaceAll"].forEach(function (name) {
    var native = String.prototype[name];
    replace(String.prototype, name, { [name](what) {
      if (typeof what === "string" && this != null && what.length > 64 && what.length * this.length > WORK)
        throw new RangeErr("the strings are too long for " + name);
      return apply(native, this, arguments);
    } }[name]);
  });
  ["SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "performance", "queueMicrotask"].forEach(
    function (name) { delete G[name]; });
})(globalThis)
