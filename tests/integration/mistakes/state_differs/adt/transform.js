export default function (msg, ctx) {
  msg.set("MSH-13", ctx.counter("sent"));
  ctx.setState("visit", { ward: msg.get("PV1-3.1"), times: 1 });
}
