// Which destinations get a message, by its type.

/** @type {import("causeway").Route} */
export default function (msg, ctx) {
  switch (msg.get("MSH-9.1")) {
    case "ADT":
      return ["registration"];
    case "ORU":
      return ["results"];
    default:
      return ctx.drop("neither ADT nor ORU");
  }
}
