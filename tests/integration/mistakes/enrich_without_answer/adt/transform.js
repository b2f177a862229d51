export default function (msg, ctx) {
  const found = ctx.enriched("patient");
  if (found?.status === 200) msg.set("PID-5.1", found.body.name[0].family);
}
