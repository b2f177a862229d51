export default function (msg, ctx) {
  let n = 0;
  while (msg.get("PID-3") !== "") n += 1;
  return msg;
}
