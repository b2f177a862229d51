export default function (msg, ctx) {
  if (msg.get("MSH-9.1") !== "ADT") return ctx.drop("not an ADT");
  msg.set("MSH-5", "LAB");
  msg.set("PID-5.2", msg.get("PID-5.2").toLowerCase());
  msg.append("ZPI|1|" + ctx.uuid() + "|" + ctx.now);
  console.log("edited", { count: msg.count("PID") });
  return msg;
}
