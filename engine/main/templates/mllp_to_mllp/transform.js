// Readdresses each message to the laboratory.

/** @type {import("causeway").Mapping} */
export default function (msg, ctx) {
  msg.set("MSH-5", "LAB");
  return msg;
}
