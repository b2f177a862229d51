#include "engine/script/prelude.h"

namespace causeway::script {

const std::string_view prelude = R"js((() => {
"use strict";
const define = (owner, key, value) =>
  Object.defineProperty(owner, key, {value, writable: true, enumerable: false, configurable: true});
const refuse = (owner, key, name, reason) =>
  define(owner, key, function () { throw new Error(`${name}: a mapping has no ${reason}`); });
const no_clock = "clock; its result may depend on the message alone. Use ctx.now";

// new Date() and Date() read the clock; with arguments it is a calendar.
const MachineDate = Date;
function PureDate(...args) {
  if (new.target === undefined || args.length === 0) throw new Error(`Date: a mapping has no ${no_clock}`);
  return Reflect.construct(MachineDate, args, new.target);
}
define(PureDate, "name", "Date");
define(PureDate, "UTC", MachineDate.UTC);
define(PureDate, "parse", MachineDate.parse);
PureDate.prototype = MachineDate.prototype;
define(MachineDate.prototype, "constructor", PureDate);
refuse(PureDate, "now", "Date.now", no_clock);
define(globalThis, "Date", PureDate);

// RegExp.$1 and the like remember the last match of the realm.
const StatefulRegExp = RegExp;
function PureRegExp(pattern, flags) {
  return Reflect.construct(StatefulRegExp, [pattern, flags], new.target ?? StatefulRegExp);
}
define(PureRegExp, "name", "RegExp");
PureRegExp.prototype = StatefulRegExp.prototype;
define(StatefulRegExp.prototype, "constructor", PureRegExp);
define(globalThis, "RegExp", PureRegExp);

refuse(Math, "random", "Math.random", "random numbers. Use ctx.uuid()");
refuse(globalThis, "eval", "eval", "code made at run time");
for (const name of ["Intl", "WebAssembly", "SharedArrayBuffer", "Atomics", "WeakRef",
                    "FinalizationRegistry", "performance"])
  delete globalThis[name];

const names = Object.getOwnPropertyNames(globalThis);
const prototypes = names.map(name => globalThis[name]?.prototype).filter(p => p instanceof Object);
prototypes.push(Object.prototype, Object.getPrototypeOf(Uint8Array.prototype));
for (const prototype of prototypes)
  for (const key of Object.getOwnPropertyNames(prototype))
    if (/^(toLocale.*|localeCompare)$/.test(key)) refuse(prototype, key, key, "locale");

// A frozen prototype's property can't be shadowed by assignment. For these, mappings do it
// (this.name = "MappingError"), so they get a setter that defines it on the object.
const assignable = (prototype, key) => {
  const value = prototype[key];
  const setter = function (given) {
    if (this === prototype) throw new TypeError(`${key} is read-only`);
    Object.defineProperty(this, key,
                          {value: given, writable: true, enumerable: true, configurable: true});
  };
  Object.defineProperty(prototype, key,
                        {get: () => value, set: setter, enumerable: false, configurable: true});
};
for (const prototype of prototypes)
  if (prototype === Error.prototype || prototype instanceof Error)
    for (const key of ["name", "message", "toString"])
      if (Object.hasOwn(prototype, key)) assignable(prototype, key);
assignable(Object.prototype, "toString");
assignable(Object.prototype, "valueOf");

// All that can be reached from the global object and from what syntax makes.
const pending = [globalThis, function* () {}, async function () {}, async function* () {},
                 [][Symbol.iterator](), ""[Symbol.iterator](), new Map().entries(),
                 new Set().entries(), "".matchAll(/x/g), (function* () {})(),
                 (async function* () {})()];
const seen = new Set();
while (pending.length > 0) {
  const object = pending.pop();
  if (seen.has(object)) continue;
  seen.add(object);
  const descriptors = Object.getOwnPropertyDescriptors(object);
  for (const key of Reflect.ownKeys(descriptors)) {
    const {value, get, set} = descriptors[key];
    for (const reached of [value, get, set])
      if (Object(reached) === reached) pending.push(reached);
  }
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== null) pending.push(prototype);
}
for (const object of seen) if (object !== globalThis) Object.freeze(object);
Object.freeze(globalThis);
})())js";

}  // namespace causeway::script
