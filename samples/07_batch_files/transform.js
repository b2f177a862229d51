// The archive is who receives them now.

/** @type {import("causeway").Mapping} */
export default function (msg, ctx) {
  msg.set("MSH-6", "ARCHIVE");
  return msg;
}
