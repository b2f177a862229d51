export default function (msg, ctx) {
  msg.set("PV1-2", "I");
  return msg;
}
