// Objects go to the archive as they are. With the first of a study the hospital's system is told that its
// images are there (ORU^R01).

/** @type {import("causeway").Mapping<import("causeway").DataSet>} */
export default function (msg, ctx) {
  ctx.send("archive");
  if (ctx.state("told")) return;
  ctx.setState("told", true);
  ctx.send("hospital", ctx.text(imagesArrived(msg, ctx)));
}

function imagesArrived(ds, ctx) {
  const time = ctx.now.replace(/[-:T]/g, "").slice(0, 14);
  const text = (value) => (value ?? "").replace(/[|~\\&\r\n]/g, " ");
  const plain = (value) => text(value).replace(/\^/g, " ");
  return [
    ["MSH", "^~\\&", "CAUSEWAY", "IMAGING", "EMR", "HOSP", time, "", "ORU^R01^ORU_R01",
      `I${ctx.uuid().replace(/-/g, "").slice(0, 19)}`, "P", "2.5.1", "", "", "", "", "", "UNICODE UTF-8"].join("|"),
    `PID|1||${plain(ds.PatientID)}||${text(ds.PatientName)}`,
    `OBR|1||${plain(ds.AccessionNumber)}|^${plain(ds.StudyDescription)}|||${plain(ds.StudyDate)}|||||||||||` +
      `${plain(ds.AccessionNumber)}||||||${plain(ds.Modality)}|P`,
    `OBX|1|ST|113014^DICOM Study^DCM||${plain(ds.StudyInstanceUID)}||||||P`,
  ].join("\r") + "\r";
}
