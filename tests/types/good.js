// Uses of every kind of message, which have no mistake.
import { addressLines, readAddress } from "lib/addresses.js";
import { fromIso, toIso } from "lib/dates.js";
import { findIdentifier } from "lib/identifiers.js";
import { readName, writeName } from "lib/names.js";
import { translateCode } from "lib/tables.js";

/** @type {import("causeway").Mapping} */
export function hl7v2(msg, ctx) {
  if (msg.get("MSH-9.1") !== "ADT") return ctx.drop("not an ADT");
  msg.set("PID-8", ctx.table("sex").lookup(msg.get("PID-8")) ?? "U");
  for (const obx of msg.segments("OBX")) obx.set("5", Number(obx.get("5.1")) * 2);
  for (const order of msg.groups("ORDER_OBSERVATION")) {
    if (order.count("OBX") === 0) order.remove();
    else order.append(order.segments("OBX")[0]);
  }
  if (msg.all("ORDER_OBSERVATION[*]/OBX[*]-5").includes("")) msg.insert(1, msg.segments("NTE")[0]);
  const copy = msg.copy();
  copy.append(`ZCW|1|${ctx.message.channel}|${ctx.now}|${ctx.uuid()}`);
  copy.set("ZCW-5", ctx.counter("sent"));
  if (ctx.state("visit")?.ward !== msg.get("PV1-3.1")) ctx.setState("visit", { ward: msg.get("PV1-3.1") });
  ctx.send("archive", ctx.bytes(new Uint8Array([1, 2]), "binary"));
  return [msg, copy, ctx.text("done"), ctx.json({ id: msg.get("MSH-10") })];
}

/** @type {import("causeway").Mapping<{id: import("causeway").Value, names: string[]}>} */
export function json(msg, ctx) {
  console.log(msg.id, ctx.message.sender.address);
  return { ...msg, names: msg.names.slice(1) };
}

/** @type {import("causeway").Mapping<import("causeway").XmlNode>} */
export async function xml(msg, ctx) {
  const cda = { cda: "urn:hl7-org:v3" };
  for (const id of msg.all("//cda:id", cda)) id.setAttribute("root", null);
  msg.find("//cda:title", cda)?.setText("Report");
  ctx.attach({ path: `/documents/${ctx.message.attributes["path.id"]}`, attempt: 1 });
  ctx.send("archive", "text", { method: "PUT" });
  ctx.reply(ctx.xml(msg), { status: 201 });
}

/** @type {import("causeway").Mapping<import("causeway").DataSet>} */
export function dicom(msg, ctx) {
  if (msg.Modality !== "CT") return ctx.drop("not a CT");
  msg.PatientName = "DOE^JANE";
  for (const item of msg.items("RequestAttributesSequence")) item.set("00400009", null);
  msg.append("ReferencedStudySequence").ReferencedSOPInstanceUID = "1.2.3";
  ctx.reply("A700 archive is full");
  return [msg, msg.copy()];
}

/** @type {import("causeway").Mapping<string>} */
export function csv(msg, ctx) {
  const rows = ctx.parseCsv(msg, { separator: ";" });
  return [ctx.csv(rows.filter((row) => row.id !== "")), ctx.csv([["a", 1]], { widths: [3, 5] })];
}

/** @type {import("causeway").Filter} */
export const filter = (msg) => msg.get("PID-8") === "F" || "not a woman";

/** @type {import("causeway").Split} */
export function* split(msg) {
  for (const obx of msg.segments("OBX")) yield obx.toString();
}

/** @type {import("causeway").Route} */
export const route = (msg, ctx) => (msg.count("OBX") > 0 ? ["lab"] : { archive: ctx.text("none") });

/** @type {import("causeway").Response} */
export function response(answer, ctx) {
  if (answer.get("MSA-3") === "busy") return "deferred";
  ctx.reply(answer);
  if (ctx.outcome === "rejected") return { outcome: "delivered", reason: `known: ${ctx.sent.get("MSH-10")}` };
}

/** @type {import("causeway").Request} */
export const asked = (msg) => (msg.get("PID-3") ? { path: ["Patient", msg.get("PID-3.1")], query: { _summary: true } } : null);

/** @type {import("causeway").Mapping} */
export function enriched(msg, ctx) {
  /** @type {import("causeway").HttpAnswer | null} */
  const found = ctx.enriched("patient");
  if (found?.status === 200) msg.set("PID-5.1", found.body.name[0].family);
}

/** @type {import("causeway").Mapping<string>} */
export function fromNothing(msg, ctx) {
  return ctx.parseCsv(msg).map((row) => {
    const adt = ctx.newMessage("ADT^A08^ADT_A01", { version: "2.5.1", delimiters: "|^~\\&" });
    adt.append("PID", { 1: 1, "3.1": row.id }).set("8", "F");
    for (const group of adt.groups("PROCEDURE")) group.append("ROL", { 1: 1 });
    writeName(adt, "PID-5", { family: row.family, given: row.given });
    adt.set("PID-7", fromIso(row.born));
    return readName(ctx.parseMessage(adt.toString()), "PID-5")?.family === "X" ? ctx.text("none") : adt;
  });
}

/** @type {import("causeway").Mapping} */
export function dataTypes(msg, ctx) {
  const mrn = findIdentifier(msg, "PID-3", { type: "MR" })?.value ?? ctx.drop("no MR");
  for (const obx of msg.segments("OBX")) translateCode(obx, "3", ctx.table("loinc"), { system: "LN", unknown: "keep" });
  const address = readAddress(msg, "PID-11", "H");
  return ctx.json({ mrn, born: toIso(msg.get("PID-7")), lines: address && addressLines(address) });
}
