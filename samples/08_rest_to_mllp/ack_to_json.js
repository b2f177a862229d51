// The acknowledgement, for the one who waits for it.

/** @type {import("causeway").Response} */
export default function (ack, ctx) {
  ctx.reply(ctx.json({
    accepted: ctx.outcome === "delivered",
    code: ack.get("MSA-1"),
    message: ack.get("MSA-2"),
    text: ack.get("MSA-3"),
  }));
}
