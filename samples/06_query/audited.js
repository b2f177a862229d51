// The audit refuses what it has had before, as after a replay: that is as good as delivered.

/** @type {import("causeway").Response} */
export default function (answer, ctx) {
  if (ctx.outcome === "rejected" && answer.get("MSA-3").startsWith("DUPLICATE"))
    return { outcome: "delivered", reason: "the audit had it already" };
}
