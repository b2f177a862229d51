import { parseTime, toISO } from "lib/dates.js"; // expect: TS2724 Did you mean 'toIso'
import { writeName } from "lib/names.js";
import { findIdentifier } from "lib/identifiers.js";

/** @type {import("causeway").Mapping} */
export default function (msg, ctx) {
  parseTime(msg.get("PID-7")).years; // expect: TS2551 Did you mean 'year'
  writeName(msg, "PID-5", { surname: "DOE" }); // expect: TS2345 'surname' does not exist in type 'Name'
  findIdentifier(msg, "PID-3", { kind: "MR" }); // expect: TS2345 'kind' does not exist in type
  ctx.newMessage("ADT^A01", { id: "1" }); // expect: TS2345 'id' does not exist in type 'NewMessage'
  msg.append("PID", ["a"]).sett("1", "2"); // expect: TS2551 Did you mean 'set'
  return toISO(msg);
}
