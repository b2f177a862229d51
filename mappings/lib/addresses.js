// Addresses: HL7 v2 XAD.
// Standard: HL7 v2.x chapter 2A, XAD, SAD.
import { repetitions, part, write_parts } from "lib/fields.js";

/** @type {[keyof import("lib/addresses.js").Address, string][]} */
const PLACES = [
  ["street", "1.1"], ["streetName", "1.2"], ["houseNumber", "1.3"], ["other", "2"], ["city", "3"], ["state", "4"],
  ["postalCode", "5"], ["country", "6"], ["type", "7"], ["county", "9"],
];

/** @type {typeof import("lib/addresses.js").readAddresses} */
export function readAddresses(source, path) {
  return repetitions(source, path, (at) => {
    const address = {};
    for (const [key, place] of PLACES) part(address, key, source, `${at}.${place}`);
    return Object.keys(address).length > 0 ? address : undefined;
  });
}

/** @type {typeof import("lib/addresses.js").readAddress} */
export function readAddress(source, path, type) {
  const addresses = readAddresses(source, path);
  return type === undefined ? addresses[0] : addresses.find((address) => address.type === type);
}

/** @type {typeof import("lib/addresses.js").writeAddress} */
export function writeAddress(target, path, address) {
  write_parts(target, path, PLACES.map(([key, place]) => [place, address[key]]));
}

/** @type {typeof import("lib/addresses.js").addressLines} */
export function addressLines(address) {
  const street = address.street ?? [address.streetName, address.houseNumber].filter(Boolean).join(" ");
  const place = [[address.city, address.state].filter(Boolean).join(", "), address.postalCode].filter(Boolean).join(" ");
  return [street, address.other, place, address.country].filter(Boolean).map(String);
}
