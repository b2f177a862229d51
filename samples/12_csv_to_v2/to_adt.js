// One record of the roster, with the header before it, becomes one ADT^A28.
import { fromIso } from "lib/dates.js";
import { writeAddress } from "lib/addresses.js";
import { writeIdentifier } from "lib/identifiers.js";
import { writeName } from "lib/names.js";

/** @type {import("causeway").Mapping<string>} */
export default function (msg, ctx) {
  const [row] = ctx.parseCsv(msg, { separator: ";" });
  if (row.number === "") return ctx.drop("a record without a number");
  const adt = ctx.newMessage("ADT^A28^ADT_A05", { version: "2.5.1" });
  adt.set("MSH-3", "ROSTER");
  adt.append("EVN", { 2: fromIso(row.changed) });
  adt.append("PID", { 1: 1, 7: fromIso(row.born), 8: ctx.table("sex").get(row.sex) });
  writeIdentifier(adt, "PID-3", { value: row.number, authority: "ROSTER", type: "MR" });
  writeName(adt, "PID-5", { family: row.family, given: row.given, type: "L" });
  writeAddress(adt, "PID-11", { street: row.street, city: row.city, postalCode: row.code, type: "H" });
  adt.append("PV1", { 1: 1, 2: "N" });
  return adt;
}
