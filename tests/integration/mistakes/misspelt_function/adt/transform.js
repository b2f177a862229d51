export default function (msg, ctx) {
  msg.sett("PID-5", "DOE");
  return msg;
}
