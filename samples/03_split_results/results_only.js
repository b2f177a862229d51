/** @type {import("causeway").Filter} */
export default function (msg, ctx) {
  return msg.get("MSH-9.1") === "ORU" || "not a result";
}
