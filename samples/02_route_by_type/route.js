// Which destinations get a message, by its type. Everything that is wanted by anybody is archived.

const receivers = {
  ADT: ["registration", "laboratory", "archive"],
  ORM: ["laboratory", "archive"],
  ORU: ["archive"],
};

/** @type {import("causeway").Route} */
export default function (msg, ctx) {
  const type = msg.get("MSH-9.1");
  return receivers[type] ?? ctx.drop(`nobody wants ${type}`);
}
