// One message for each OBX, with the segments before the first.

/** @type {import("causeway").Split} */
export default function (msg, ctx) {
  const parts = [];
  for (let n = 1; n <= msg.count("OBX"); n += 1) {
    const part = msg.copy();
    for (let other = msg.count("OBX"); other >= 1; other -= 1) {
      if (other !== n) part.remove("OBX", other);
    }
    part.set("OBX-1", 1);
    part.set("MSH-10", `${msg.get("MSH-10")}-${n}`);
    parts.push(part);
  }
  return parts;
}
