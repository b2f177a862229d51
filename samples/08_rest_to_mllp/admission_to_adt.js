// An admission in JSON as an ADT^A01. The patient's number stands in the path.

const escapes = { "\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": "\\X0D\\", "\n": "\\X0A\\" };
const text = (value) => String(value ?? "").replace(/[\\|^&~\r\n]/g, (c) => escapes[c]);
const date = (value) => text(value).replaceAll("-", "");
const time = (value) => value.slice(0, 19).replace(/[-:T]/g, "");

/** @type {import("causeway").Mapping<any>} */
export default function (admission, ctx) {
  const { patient, ward } = admission;
  if (!patient?.family) throw new Error("an admission needs patient.family");
  const id = text(ctx.message.attributes["path.id"]);
  return ctx.text([
    `MSH|^~\\&|PORTAL|HOSPITAL|ADT|HOSPITAL|${time(ctx.now)}||ADT^A01^ADT_A01|${ctx.message.id}|P|2.5|||||||UNICODE UTF-8`,
    `EVN|A01|${time(ctx.now)}`,
    `PID|1||${id}^^^HOSPITAL^MR||${text(patient.family)}^${text(patient.given)}||${date(patient.birthDate)}|${text(patient.sex)}`,
    `PV1|1|I|${text(ward)}`,
    "",
  ].join("\r"), "hl7v2");
}
