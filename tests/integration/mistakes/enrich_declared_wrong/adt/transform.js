export default function (msg, ctx) {
  msg.set("PID-5.1", ctx.enriched("pateint")?.body.name);
}
