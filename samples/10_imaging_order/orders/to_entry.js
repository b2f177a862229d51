// An order (ORM^O01) as an entry of the worklist: {accession, entry}, or {accession} of one that is
// cancelled.

/** @type {import("causeway").Mapping} */
export default function (msg, ctx) {
  if (msg.get("MSH-9.1") !== "ORM") return ctx.drop("not an order");
  const accession = msg.get("OBR-18");
  if (!accession) return ctx.drop("no accession number");
  if (["CA", "OC", "DC"].includes(msg.get("ORC-1"))) return ctx.json({ accession });
  return ctx.json({ accession, entry: entryOf(msg, accession) });
}

function entryOf(msg, accession) {
  const begin = msg.get("OBR-36") || msg.get("ORC-7.4");
  return {
    AccessionNumber: accession,
    PatientName: [1, 2, 3].map((part) => msg.get(`PID-5.${part}`)).join("^").replace(/\^+$/, ""),
    PatientID: msg.get("PID-3.1"),
    PatientBirthDate: msg.get("PID-7").slice(0, 8),
    PatientSex: msg.get("PID-8"),
    ReferringPhysicianName: `${msg.get("OBR-16.2")}^${msg.get("OBR-16.3")}`,
    StudyInstanceUID: msg.get("ZDS-1.1"),
    RequestedProcedureID: msg.get("OBR-19"),
    RequestedProcedureDescription: msg.get("OBR-4.2"),
    ScheduledProcedureStepSequence: [{
      Modality: msg.get("OBR-24"),
      ScheduledStationAETitle: msg.get("OBR-21"),
      ScheduledProcedureStepStartDate: begin.slice(0, 8),
      ScheduledProcedureStepStartTime: begin.slice(8, 14),
      ScheduledProcedureStepDescription: msg.get("OBR-4.2"),
      ScheduledProcedureStepID: msg.get("OBR-20"),
    }],
  };
}
