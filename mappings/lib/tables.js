// Coded values: HL7 v2 CE, CNE and CWE, read, written, and translated by a code table.
// Standard: HL7 v2.x chapter 2A, CWE; table 0396 (coding systems).
import { part, write_parts } from "lib/fields.js";

/** @param {import("lib/fields.js").Fields} source @param {string} path @param {number} first */
function read(source, path, first) {
  /** @type {any} */
  const code = {};
  ["code", "text", "system"].forEach((key, i) => part(code, key, source, `${path}.${first + i}`));
  return Object.keys(code).length > 0 ? code : undefined;
}

/** @type {typeof import("lib/tables.js").readCode} */
export function readCode(source, path) {
  const code = read(source, path, 1);
  const alternate = read(source, path, 4);
  if (!alternate) return code;
  return { ...code, alternate };
}

/** @type {typeof import("lib/tables.js").writeCode} */
export function writeCode(target, path, code) {
  write_parts(target, path, [
    ["1", code.code], ["2", code.text], ["3", code.system],
    ["4", code.alternate?.code], ["5", code.alternate?.text], ["6", code.alternate?.system],
  ]);
}

/** @type {typeof import("lib/tables.js").translateCode} */
export function translateCode(target, path, table, options = {}) {
  const old = readCode(target, path);
  if (!old?.code) return false;
  const row = table.row(old.code);
  if (!row) {
    if (options.unknown === "keep") return false;
    throw new Error(`${path}: the table has no such code`);
  }
  const [, second] = Object.keys(row);
  const alternate = { code: old.code, text: old.text, system: old.system };
  writeCode(target, path, {
    code: row[options.code ?? second],
    text: options.text === undefined ? old.text : row[options.text],
    system: options.system,
    alternate: options.keepOld === false ? undefined : alternate,
  });
  return true;
}

/** @type {typeof import("lib/tables.js").codingSystemUri} */
export function codingSystemUri(ctx, system) {
  return ctx.table("lib/coding_systems").lookup(system);
}
