// HL7 v2 times (TS, DTM, DT): read and written with the precision and the zone that they have.
// "2024" is not the first of January, and a time without a zone is nowhere at midnight UTC.
// Standard: HL7 v2.x chapter 2A, DTM: YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]; ISO 8601 as in FHIR.

const HL7 = /^(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/;
const ISO =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?$/;
const PARTS = ["year", "month", "day", "hour", "minute", "second", "fraction"];
const SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, DAY_MS = 24 * 60 * MINUTE_MS;

const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
const days = (/** @type {number} */ year, /** @type {number} */ month) => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** @param {string} text @param {RegExp} form @returns {import("lib/dates.js").Time | undefined} */
function read(text, form) {
  if (text === "" || text === '""') return undefined;
  const found = form.exec(text);
  if (!found) throw new Error(`no time: ${text.length} characters in another form`);
  /** @type {any} */
  const time = { precision: "year" };
  PARTS.forEach((part, i) => {
    if (found[i + 1] === undefined) return;
    time[part] = part === "fraction" ? found[i + 1] : Number(found[i + 1]);
    time.precision = part;
  });
  if (found[8] !== undefined) time.zone = found[8] === "Z" ? "+0000" : found[8].replace(":", "");
  const in_range = (time.month ?? 1) >= 1 && (time.month ?? 1) <= 12 && (time.day ?? 1) >= 1 &&
    (time.day ?? 1) <= days(time.year, time.month ?? 1) && (time.hour ?? 0) < 24 && (time.minute ?? 0) < 60 &&
    (time.second ?? 0) < 61;
  if (!in_range) throw new Error("no time: there is no such day or hour");
  return time;
}

/** @type {typeof import("lib/dates.js").parseTime} */
export function parseTime(text) {
  return read(text, HL7);
}

/** @type {typeof import("lib/dates.js").formatTime} */
export function formatTime(time) {
  let text = String(time.year).padStart(4, "0");
  for (const part of [time.month, time.day, time.hour, time.minute, time.second]) {
    if (part === undefined) break;
    text += two(part);
  }
  if (time.second !== undefined && time.fraction) text += `.${time.fraction.slice(0, 4)}`;
  return text + (time.zone ?? "");
}

/** @type {typeof import("lib/dates.js").toIso} */
export function toIso(text, zone) {
  const time = parseTime(text);
  if (!time) return undefined;
  let iso = String(time.year).padStart(4, "0");
  if (time.month !== undefined) iso += `-${two(time.month)}`;
  if (time.day !== undefined) iso += `-${two(time.day)}`;
  if (time.hour === undefined) return iso;
  iso += `T${two(time.hour)}:${two(time.minute ?? 0)}`;
  if (time.second !== undefined) iso += `:${two(time.second)}`;
  if (time.fraction !== undefined) iso += `.${time.fraction}`;
  const offset = (time.zone ?? zone ?? "").replace(":", "");
  return offset === "" ? iso : `${iso}${offset.slice(0, 3)}:${offset.slice(3)}`;
}

/** @type {typeof import("lib/dates.js").fromIso} */
export function fromIso(iso) {
  const time = read(iso, ISO);
  return time ? formatTime(time) : "";
}

/** @type {typeof import("lib/dates.js").dateOf} */
export function dateOf(text) {
  const time = parseTime(text);
  return time ? formatTime({ ...time, hour: undefined, zone: undefined }) : "";
}

/** Minutes east of Greenwich. @param {string} zone */
function offset_of(zone) {
  const found = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (!found) throw new Error('a zone is "+0100"');
  return (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3]));
}

/** Milliseconds since 1970, of what is there; at its own zone's clock. @param {import("lib/dates.js").Time} time */
function clock_of(time) {
  return Date.UTC(time.year, (time.month ?? 1) - 1, time.day ?? 1, time.hour ?? 0, time.minute ?? 0, time.second ?? 0);
}

/** @param {import("lib/dates.js").Time} time @param {number} clock @returns {import("lib/dates.js").Time} */
function at_clock(time, clock) {
  const date = new Date(clock);
  return {
    ...time,
    year: date.getUTCFullYear(),
    month: time.month === undefined ? undefined : date.getUTCMonth() + 1,
    day: time.day === undefined ? undefined : date.getUTCDate(),
    hour: time.hour === undefined ? undefined : date.getUTCHours(),
    minute: time.minute === undefined ? undefined : date.getUTCMinutes(),
    second: time.second === undefined ? undefined : date.getUTCSeconds(),
  };
}

/** @type {typeof import("lib/dates.js").inZone} */
export function inZone(text, zone) {
  const time = parseTime(text);
  if (!time) return text;
  if (time.zone === undefined || time.minute === undefined)
    throw new Error("a time without a zone, or without minutes, can't be put into another zone");
  const moved = clock_of(time) + (offset_of(zone) - offset_of(time.zone)) * MINUTE_MS;
  return formatTime({ ...at_clock(time, moved), zone: zone.replace(":", "") });
}

/** @type {typeof import("lib/dates.js").addDays} */
export function addDays(text, count) {
  const time = parseTime(text);
  if (!time) return text;
  if (time.day === undefined) throw new Error("a time without a day can't be moved by days");
  return formatTime(at_clock(time, clock_of(time) + count * DAY_MS));
}

/** @type {typeof import("lib/dates.js").yearsBetween} */
export function yearsBetween(from, to) {
  const a = parseTime(from), b = parseTime(to);
  if (!a || !b || a.day === undefined || b.day === undefined) return undefined;
  const before = b.month === a.month ? b.day < a.day : Number(b.month) < Number(a.month);
  return b.year - a.year - (before ? 1 : 0);
}

/** @type {typeof import("lib/dates.js").compareTimes} */
export function compareTimes(a, b) {
  let left = parseTime(a), right = parseTime(b);
  if (!left || !right) return undefined;
  if (left.zone !== undefined && right.zone !== undefined && left.zone !== right.zone &&
      left.minute !== undefined && right.minute !== undefined) {
    left = at_clock(left, clock_of(left) - offset_of(left.zone) * MINUTE_MS);
    right = at_clock(right, clock_of(right) - offset_of(right.zone) * MINUTE_MS);
  }
  for (const part of /** @type {const} */ (["year", "month", "day", "hour", "minute", "second"])) {
    const x = left[part], y = right[part];
    if (x === undefined || y === undefined) return 0;
    if (x !== y) return x < y ? -1 : 1;
  }
  const x = (left.fraction ?? "").padEnd(4, "0"), y = (right.fraction ?? "").padEnd(4, "0");
  return x === y ? 0 : x < y ? -1 : 1;
}
