/** @type {import("causeway").Mapping<import("causeway").DataSet>} */
export default function (msg, ctx) {
  if (msg.ImageType?.includes("LOCALIZER")) return ctx.drop("a localizer");
  msg.InstitutionName = "General Hospital";
  msg.IssuerOfPatientID = "GENERAL";
  // What the modality called it stays beside the hospital's own number.
  const request = msg.RequestAttributesSequence?.[0];
  if (!msg.AccessionNumber && request) msg.AccessionNumber = request.AccessionNumber;
}
