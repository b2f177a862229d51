export default function (msg, ctx) {
  msg.set("MSH-5" "LAB");
  return msg;
}
