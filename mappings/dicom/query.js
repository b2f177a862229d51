// Answers to DICOM queries (C-FIND): which of a list of entries match, and what is told of them.
//
// An entry is an object with keywords for names: {PatientID: "P1", ScheduledProcedureStepSequence: [{Modality:
// "CT"}]}. Matched are the keys that an entry has (PS3.4 section C.2.2.2): a single value, "*" and "?" in text,
// ranges of dates and times, lists of UIDs, items of sequences; names without regard to case. A key that no
// entry has is answered without a value, and matches all.

const ranged = ["DA", "TM", "DT"];
const exact = [...ranged, "UI", "IS", "DS", "US", "SS", "UL", "SL", "FL", "FD", "AS", "AT"];

/** The answers to a query, for ctx.reply(ctx.json(…)). */
export function answersTo(query, entries) {
  const found = entries.filter((entry) => matches(query, entry)).map((entry) => told(query, entry));
  const known = new Set(entries.flatMap(Object.keys));
  const rest = query.copy();
  for (const keyword of known) rest.remove(keyword);
  const unknown = rest.tags().filter((tag) => !unasked.includes(tag));
  for (const answer of found) for (const tag of unknown) answer[tag] ??= null;
  return found.map((answer) => ({ ...level(query), ...answer }));
}

// SpecificCharacterSet and QueryRetrieveLevel say something of the query itself.
const unasked = ["00080005", "00080052"];
const level = (query) => (query.has("QueryRetrieveLevel") ? { QueryRetrieveLevel: query.QueryRetrieveLevel } : {});

/** Whether an entry has what the query, or an item of it, asks for. */
export function matches(query, entry) {
  return Object.entries(entry).every(([keyword, value]) => {
    const kind = query.kind(keyword);
    if (kind === undefined) return true;
    if (kind === "SQ") return matchesItems(query.items(keyword)[0], value);
    const wanted = query.values(keyword).map(String).filter((text) => text !== "");
    if (wanted.length === 0) return true;
    const there = (Array.isArray(value) ? value : [value ?? ""]).map(String);
    return wanted.some((one) => there.some((other) => matchesText(kind, one, other)));
  });
}

function matchesItems(wanted, items) {
  if (!wanted || wanted.tags().length === 0) return true;
  return (items ?? []).some((item) => matches(wanted, item));
}

function matchesText(kind, wanted, there) {
  if (ranged.includes(kind) && wanted.includes("-")) return isInRange(wanted, there);
  const [pattern, text] = kind === "PN" ? [bare(wanted), bare(there)] : [wanted, there];
  if (exact.includes(kind) || !/[*?]/.test(pattern)) return pattern === text;
  return matchesWildcards(pattern, text);
}

const bare = (name) => name.replace(/[\^= ]+$/, "").toUpperCase();

function isInRange(range, there) {
  const [from, to] = range.split("-");
  return there !== "" && (from === "" || there.slice(0, from.length) >= from) &&
    (to === "" || there.slice(0, to.length) <= to);
}

/** In time that grows with their lengths' product, whatever the pattern. */
function matchesWildcards(pattern, text) {
  let at = 0, begin = 0, star = -1, resume = 0;
  while (begin < text.length) {
    if (pattern[at] === "*") {
      star = at++;
      resume = begin;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[begin])) {
      at++;
      begin++;
    } else if (star >= 0) {
      at = star + 1;
      begin = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

/** Of an entry, what is asked for. */
function told(query, entry) {
  const answer = {};
  for (const [keyword, value] of Object.entries(entry)) {
    const kind = query.kind(keyword);
    if (kind === undefined) continue;
    const item = kind === "SQ" ? query.items(keyword)[0] : undefined;
    answer[keyword] = item && item.tags().length > 0 ? value.map((each) => told(item, each)) : value;
  }
  return answer;
}
