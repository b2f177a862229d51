// Local codes of observations (OBX-3) become LOINC; what the table doesn't have stays, and is noted.

/** @type {import("causeway").Mapping} */
export default function (msg, ctx) {
  const table = ctx.table("observations");
  for (let n = 1; n <= msg.count("OBX"); n += 1) {
    const code = msg.get(`OBX[${n}]-3.1`);
    const row = table.row(code);
    if (row === undefined) {
      console.log("no LOINC code for", code);
      continue;
    }
    msg.set(`OBX[${n}]-3.1`, row.loinc);
    msg.set(`OBX[${n}]-3.2`, row.display);
    msg.set(`OBX[${n}]-3.3`, "LN");
    msg.set(`OBX[${n}]-3.4`, code);
    msg.set(`OBX[${n}]-3.6`, "L");
  }
  return msg;
}
