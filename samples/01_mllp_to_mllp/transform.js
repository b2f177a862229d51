// Readdresses a message to the laboratory and notes in a Z-segment how it came here.

/** @type {import("causeway").Mapping} */
export default function (msg, ctx) {
  if (msg.get("MSH-9.1") === "QRY") return ctx.drop("queries are not for the laboratory");
  msg.set("MSH-5", "LAB");
  msg.set("MSH-6", "MAIN");
  msg.append(`ZCW|1|${msg.raw("MSH-10")}|${ctx.now}`);
  return msg;
}
