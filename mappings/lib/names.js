// Names of people: HL7 v2 XPN, and XCN with an identifier before it; DICOM's PN.
// Standard: HL7 v2.x chapter 2A, XPN, XCN, FN; DICOM PS3.5, 6.2.1.2.
import { repetitions, part, write_parts } from "lib/fields.js";

/** @typedef {import("lib/names.js").Name} Name */

/** Components of XPN; those of XCN stand one further. */
const COMPONENTS = { given: 2, middle: 3, suffix: 4, prefix: 5, degree: 6 };
const FAMILY = { family: 1, ownPrefix: 2, ownFamily: 3 };

/** @param {import("lib/fields.js").Fields} source @param {string} at @param {number} first @returns {Name | undefined} */
function read(source, at, first) {
  /** @type {any} */
  const name = {};
  for (const [key, n] of Object.entries(FAMILY)) part(name, key, source, `${at}.${first}.${n}`);
  for (const [key, n] of Object.entries(COMPONENTS)) part(name, key, source, `${at}.${first + n - 1}`);
  return Object.keys(name).length > 0 ? name : undefined;
}

/** @type {typeof import("lib/names.js").readNames} */
export function readNames(source, path) {
  return repetitions(source, path, (at) => {
    const name = read(source, at, 1);
    if (name) part(name, "type", source, `${at}.7`);
    return name;
  });
}

/** @type {typeof import("lib/names.js").readName} */
export function readName(source, path, type) {
  const names = readNames(source, path);
  return type === undefined ? names[0] : names.find((name) => name.type === type);
}

/** @type {typeof import("lib/names.js").writeName} */
export function writeName(target, path, name) {
  /** @type {[string, string | undefined][]} */
  const parts = Object.entries(FAMILY).map(([key, n]) => [`1.${n}`, name[/** @type {keyof Name} */ (key)]]);
  for (const [key, n] of Object.entries(COMPONENTS)) parts.push([String(n), name[/** @type {keyof Name} */ (key)]]);
  write_parts(target, path, [...parts, ["7", name.type]]);
}

/** @type {typeof import("lib/names.js").readPeople} */
export function readPeople(source, path) {
  return repetitions(source, path, (at) => {
    /** @type {any} */
    const person = {};
    part(person, "id", source, `${at}.1`);
    part(person, "authority", source, `${at}.9.1`);
    part(person, "idType", source, `${at}.13`);
    const name = read(source, at, 2);
    if (name) {
      person.name = name;
      part(name, "type", source, `${at}.10`);
    }
    return Object.keys(person).length > 0 ? person : undefined;
  });
}

/** @type {typeof import("lib/names.js").displayName} */
export function displayName(name) {
  const parts = [name.prefix, name.given, name.middle, name.family].filter(Boolean).join(" ");
  return [parts, name.suffix, name.degree].filter(Boolean).join(", ");
}

/** @type {typeof import("lib/names.js").toDicomName} */
export function toDicomName(name) {
  const suffix = [name.suffix, name.degree].filter(Boolean).join(" ");
  const parts = [name.family, name.given, name.middle, name.prefix, suffix];
  return parts.map((text) => (text ?? "").replace(/[\^=\\]/g, " ")).join("^").replace(/\^+$/, "");
}

/** @type {typeof import("lib/names.js").fromDicomName} */
export function fromDicomName(text) {
  const parts = text.split("=")[0].split("^");
  /** @type {any} */
  const name = {};
  ["family", "given", "middle", "prefix", "suffix"].forEach((key, i) => {
    const value = (parts[i] ?? "").trim();
    if (value !== "") name[key] = value;
  });
  return name;
}
