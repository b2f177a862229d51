import { a } from "./t.js";
export const a = 1;
const table = new Map([["a", /(\d+)-(\w*)/g], ["b", [1, 2, 3]]]);
export default async (msg, ctx) => {
  for (let i = 0; i < 3; i++) await null;
  ctx.send("lab", msg);
  ctx.send("archive", `${[...table.keys()].join()} ${a}`);
  msg.remove("PID", 1); msg.insert(1, "PID|2");
  try { ctx.reply(msg.raw("PID-3") + msg.segment("PID")); } catch (e) { throw new TypeError(e.message); }
};
