export default function (msg, ctx) {
  msg.set("PID-8", ctx.table("sex").get(msg.get("PID-8")));
  return msg;
}
