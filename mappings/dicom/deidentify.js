// De-identification by the Basic Application Level Confidentiality Profile: DICOM PS3.15 annex E.
//
//   import { deidentify } from "dicom/deidentify.js";
//   export default (msg, ctx) => deidentify(msg, ctx, { key: "a long secret of this project" });
//
// What table E.1-1 names is removed, emptied or replaced, in every item of every sequence; private
// elements, curves, overlays' data and comments go. Where the table leaves a choice that depends on the
// object's module ("X/Z/D"), the one that keeps any object valid is taken.
//
// Pixel data is passed on as it is: what is burned into it stays. An object that says so of itself
// (BurnedInAnnotation, or a secondary capture that doesn't deny it) is refused unless `burned_in`
// is "pass".
import { hmac_sha256 } from "dicom/sha256.js";

/** @typedef {import("causeway").DataSet} DataSet */
/**
 * @typedef {object} Options
 * @property {string} key  From it and the old one each new UID is made: the same in every object, and
 *   nobody without the key can find out the old one by trying.
 * @property {string} [patient_id]  The pseudonym; else empty.
 * @property {string} [patient_name]  Likewise.
 * @property {"refuse" | "pass"} [burned_in]
 */

const SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";
const dummies = {
  AE: "ANONYMOUS", AS: "000Y", CS: "ANONYMOUS", DA: "19000101", DS: "0", DT: "19000101000000", IS: "0",
  LO: "ANONYMOUS", LT: "ANONYMOUS", PN: "ANONYMOUS", SH: "ANONYMOUS", ST: "ANONYMOUS", TM: "000000",
  UC: "ANONYMOUS", UR: "urn:anonymous", UT: "ANONYMOUS", AT: "00000000", SV: "0", UV: "0",
};
const numbers = ["FD", "FL", "SL", "SS", "UL", "US"];

/** A UID of the form 2.25.N (PS3.5 annex B.2) with 122 bits of the digest. */
function new_uid(uid, key) {
  const bytes = hmac_sha256(key, uid);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return "2.25." + bytes.slice(0, 16).reduce((n, byte) => n * 256n + BigInt(byte), 0n).toString();
}

function replace_uids(ds, tag, key) {
  ds.set(tag, ds.values(tag).map((uid) => (uid === "" ? "" : new_uid(String(uid), key))));
}

function put_dummy(ds, tag, options) {
  const kind = ds.kind(tag);
  if (kind === "UI") replace_uids(ds, tag, options.key);
  else if (kind in dummies) ds.set(tag, dummies[kind]);
  else if (numbers.includes(kind)) ds.set(tag, 0);
  else ds.remove(tag);
}

function empty(ds, tag) {
  const kind = ds.kind(tag);
  if (kind !== "SQ") return kind in dummies || kind === "UI" || numbers.includes(kind) ? ds.set(tag, []) : ds.remove(tag);
  for (let count = ds.items(tag).length; count > 0; count--) ds.remove(`${tag}[0]`);
}

/** The action of the table for one element; "K": it stays. */
function action_for(tag, rules) {
  if (parseInt(tag[3], 16) % 2 === 1) return "X";
  if (tag.startsWith("50")) return "X";
  if (tag.startsWith("60") && ["3000", "4000"].includes(tag.slice(4))) return "X";
  const choices = (rules.lookup(tag, "action") ?? "K").replace("*", "").split("/");
  return choices[choices.length - 1];
}

function clean(ds, rules, options) {
  for (const tag of ds.tags()) {
    const action = action_for(tag, rules);
    const is_sequence = ds.kind(tag) === "SQ";
    if (action === "X") ds.remove(tag);
    else if (action === "Z") empty(ds, tag);
    else if (is_sequence) for (const item of ds.items(tag)) clean(item, rules, options);
    else if (action === "D") put_dummy(ds, tag, options);
    else if (action === "U") replace_uids(ds, tag, options.key);
  }
}

function may_show_text(ds) {
  if (ds.BurnedInAnnotation === "NO") return false;
  return ds.BurnedInAnnotation === "YES" || ds.SOPClassUID === SECONDARY_CAPTURE;
}

function say_so(ds) {
  ds.PatientIdentityRemoved = "YES";
  ds.DeidentificationMethod = "DICOM PS3.15 Basic Profile";
  ds.LongitudinalTemporalInformationModified = "REMOVED";
  ds.remove("DeidentificationMethodCodeSequence");
  const code = ds.append("DeidentificationMethodCodeSequence");
  code.CodeValue = "113100";
  code.CodingSchemeDesignator = "DCM";
  code.CodeMeaning = "Basic Application Confidentiality Profile";
}

/**
 * Edits the data set, and gives it back.
 * @param {DataSet} ds
 * @param {import("causeway").Context} ctx
 * @param {Options} options
 */
export function deidentify(ds, ctx, options) {
  if (!options?.key) throw new Error("deidentify: give a key");
  if (options.burned_in !== "pass" && may_show_text(ds))
    throw new Error("deidentify: the pixels may show who the patient is (BurnedInAnnotation)");
  clean(ds, ctx.table("dicom/basic_profile"), options);
  ds.remove("SourceApplicationEntityTitle");
  ds.PatientID = options.patient_id ?? "";
  ds.PatientName = options.patient_name ?? "";
  say_so(ds);
  return ds;
}
