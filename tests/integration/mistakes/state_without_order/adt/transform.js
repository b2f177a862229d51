export default function (msg, ctx) {
  msg.set("MSH-13", ctx.counter("sent"));
}
