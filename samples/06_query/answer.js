// Answers what a specimen's container is and how far it is (QBP^Q11), from a table. The query itself goes on to
// the audit.

/** @type {import("causeway").Mapping} */
export default function (msg, ctx) {
  if (msg.get("MSH-9.1") !== "QBP") return ctx.drop("not a query");
  const found = ctx.table("specimens").row(msg.get("QPD-3"));
  const time = ctx.now.replace(/[-:T]/g, "").slice(0, 14);
  const answer = [
    ["MSH", "^~\\&", msg.raw("MSH-5"), msg.raw("MSH-6"), msg.raw("MSH-3"), msg.raw("MSH-4"), time, "",
      "RSP^K11^RSP_K11", `R-${msg.raw("MSH-10")}`, msg.raw("MSH-11"), msg.raw("MSH-12")].join("|"),
    `MSA|AA|${msg.raw("MSH-10")}`,
    `QAK|${msg.raw("QPD-2")}|${found ? "OK" : "NF"}|${msg.raw("QPD-1")}`,
    msg.segment("QPD"),
  ];
  if (found) answer.push(`SAC|||${found.container}|||||${found.state}`);
  ctx.reply(`${answer.join("\r")}\r`);
  return msg;
}
