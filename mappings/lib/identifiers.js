// Identifiers: HL7 v2 CX, and their check digits.
// Standard: HL7 v2.x chapter 2A, CX, HD; table 0061 (M10, M11, NPI), 0203 (types).
import { repetitions, part, write_parts } from "lib/fields.js";

/** @type {[keyof import("lib/identifiers.js").Identifier, string][]} */
const PLACES = [
  ["value", "1"], ["checkDigit", "2"], ["scheme", "3"], ["authority", "4.1"], ["authorityId", "4.2"],
  ["authorityIdType", "4.3"], ["type", "5"], ["facility", "6.1"],
];
const NPI_PREFIX = "80840";

/** @type {typeof import("lib/identifiers.js").readIdentifiers} */
export function readIdentifiers(source, path) {
  return repetitions(source, path, (at) => {
    /** @type {any} */
    const identifier = {};
    for (const [key, place] of PLACES) part(identifier, key, source, `${at}.${place}`);
    return identifier.value === undefined ? undefined : identifier;
  });
}

/** @type {typeof import("lib/identifiers.js").findIdentifier} */
export function findIdentifier(source, path, wanted) {
  const keys = /** @type {(keyof typeof wanted)[]} */ (Object.keys(wanted));
  return readIdentifiers(source, path).find((one) => keys.every((key) => one[key] === wanted[key]));
}

/** @type {typeof import("lib/identifiers.js").writeIdentifier} */
export function writeIdentifier(target, path, identifier) {
  write_parts(target, path, PLACES.map(([key, place]) => [place, identifier[key]]));
}

/** Every second digit from the right is doubled; the digits' sum is filled up to a multiple of ten.
 * @param {string} digits */
function mod10(digits) {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const n = i % 2 === 0 ? 2 * Number(digit) : Number(digit);
    return total + (n > 9 ? n - 9 : n);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}

/** Weights 2 to 7 from the right. A number that would need the digit ten is not given out.
 * @param {string} digits */
function mod11(digits) {
  const sum = [...digits].reverse().reduce((total, digit, i) => total + Number(digit) * (2 + (i % 6)), 0);
  const digit = (11 - (sum % 11)) % 11;
  return digit === 10 ? undefined : String(digit);
}

/** @type {typeof import("lib/identifiers.js").checkDigit} */
export function checkDigit(value, scheme) {
  if (!/^\d+$/.test(value)) return undefined;
  if (scheme === "M10") return mod10(value);
  if (scheme === "M11") return mod11(value);
  return scheme === "NPI" ? mod10(NPI_PREFIX + value) : undefined;
}

/** @type {typeof import("lib/identifiers.js").hasGoodCheckDigit} */
export function hasGoodCheckDigit(identifier) {
  const { value, checkDigit: given, scheme } = identifier;
  if (given === undefined || scheme === undefined) return undefined;
  if (scheme !== "M10" && scheme !== "M11" && scheme !== "NPI") return undefined;
  return checkDigit(value, scheme) === given;
}
