// A patient as JSON.

/** @type {import("causeway").Mapping} */
export default function (msg, ctx) {
  const patient = {
    event: msg.get("MSH-9.2"),
    identifiers: [],
    family: msg.get("PID-5.1"),
    given: msg.get("PID-5.2"),
    born: date(msg.get("PID-7")),
  };
  for (let n = 1; n <= msg.repetitions("PID-3"); n += 1) {
    patient.identifiers.push({
      value: msg.get(`PID-3[${n}].1`),
      authority: msg.get(`PID-3[${n}].4`),
    });
  }
  return ctx.json(patient);
}

function date(text) {
  return text === "" ? null : `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
}
