export default function (msg, ctx) {
  msg.set("PID.5", msg.get("PID-5"));
  return msg;
}
