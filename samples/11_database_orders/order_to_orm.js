// A row of lab_order as an ORM^O01 for the laboratory, and as JSON for the log beside it.

const escapes = { "\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": "\\X0D\\", "\n": "\\X0A\\" };
const text = (value) => String(value ?? "").replace(/[\\|^&~\r\n]/g, (c) => escapes[c]);
const time = (value) => text(value).slice(0, 19).replace(/[-:T]/g, "");

/** @type {import("causeway").Mapping<any>} */
export default function (row, ctx) {
  if (!row.mrn) throw new Error("an order needs a patient's number");
  const controlId = ctx.message.id;
  ctx.send("lab", ctx.text([
    `MSH|^~\\&|WARD|HOSPITAL|LAB|HOSPITAL|${time(ctx.now)}||ORM^O01^ORM_O01|${controlId}|P|2.5|||||||UNICODE UTF-8`,
    `PID|1||${text(row.mrn)}^^^HOSPITAL^MR||${text(row.family)}^${text(row.given)}||${time(row.born)}`,
    `ORC|NW|${row.id}|||||||${time(row.ordered)}`,
    `OBR|1|${row.id}||${text(row.code)}^${text(row.name)}^LN`,
    "",
  ].join("\r"), "hl7v2"));
  ctx.send("log", ctx.json({ order: row.id, control_id: controlId, tests: [{ code: row.code }] }));
}
