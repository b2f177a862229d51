export default function (msg, ctx) {
  msg.set("PID-5-name", msg.get("PID-5"));
  return msg;
}
