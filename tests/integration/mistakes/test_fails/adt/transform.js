export default function (msg, ctx) {
  console.log("name", msg.get("PID-5.1"));
  msg.set("PID-5.1", "ROE");
  if (msg.get("MSH-9.2") === "A03") {
    msg.set("PV1-36", "01");
  }
  return msg;
}
