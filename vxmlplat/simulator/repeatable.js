// Makes chance and time of day the simulator's own, so that a call can be repeated step by step: Math.random follows a seed,
// Date the simulated clock. Called with a seed and the milliseconds since 1970; without a seed only the time changes.
(function () {
  "use strict";
  var Real = Date, construct = Reflect.construct, now = 0, state = 0;
  // Mulberry32: 32 bits of state are plenty for a call.
  Math.random = function random() {
    state = (state + 0x6d2b79f5) | 0;
    var t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  Real.now = function () { return now; };
  globalThis.Date = new Proxy(Real, {
    construct: function (target, values, made) { return construct(target, values.length ? values : [now], made); },
    apply: function () { return new Real(now).toString(); },
  });
  return function (seed, moment) {
    if (seed !== null) state = seed | 0;
    now = moment;
  };
})
