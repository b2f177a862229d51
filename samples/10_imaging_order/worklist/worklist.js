// Keeps the worklist in the channel's state, and answers queries of it. What comes is an order from
// the channel "orders", a query, or a step that a modality has begun, of which the hospital's system is told.
import { answersTo } from "dicom/query.js";

const entriesMax = 60; // a state has room for 64 KiB

/** @type {import("causeway").Mapping<any>} */
export default function (msg, ctx) {
  const entries = ctx.state("entries") ?? [];
  switch (ctx.message.attributes.operation) {
    case "find":
      ctx.reply(ctx.json(answersTo(msg, entries)));
      return ctx.drop("answered");
    case "create": {
      const accession = msg.get("ScheduledStepAttributesSequence.AccessionNumber");
      ctx.setState("entries", without(entries, accession));
      return ctx.send("hospital", ctx.text(inProgress(accession, ctx)));
    }
    case "set":
      return ctx.drop("how it ended is only kept");
    default: {
      const others = without(entries, msg.accession);
      ctx.setState("entries", msg.entry ? [...others, msg.entry].slice(-entriesMax) : others);
      return ctx.drop("noted");
    }
  }
}

/** The order's status (ORM^O01): in progress. */
function inProgress(accession, ctx) {
  const time = ctx.now.replace(/[-:T]/g, "").slice(0, 14);
  const number = (accession ?? "").replace(/[|^~\\&\r\n]/g, " ");
  return [
    `MSH|^~\\&|CAUSEWAY|IMAGING|EMR|HOSP|${time}||ORM^O01^ORM_O01|S${ctx.uuid().replace(/-/g, "").slice(0, 19)}|P|2.5`,
    "ORC|SC||||IP",
    `OBR|1|||||||||||||||||${number}`,
  ].join("\r") + "\r";
}

const without = (entries, accession) => entries.filter((each) => each.AccessionNumber !== accession);
