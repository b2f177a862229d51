// What the modules for data types share: repetitions of a field, and parts of one.

const NULL = '""';

/** Calls `read` with the path of each repetition of the field; what is not there is left out. If the path names a
 * repetition, with that alone.
 * @template T
 * @param {import("lib/fields.js").Fields} source @param {string} path @param {(at: string) => T | undefined} read
 * @returns {T[]} */
export function repetitions(source, path, read) {
  const found = [];
  const named = /\]$/.test(path);
  const count = named ? 1 : source.repetitions(path);
  for (let n = 1; n <= count; n += 1) {
    const one = read(named ? path : `${path}[${n}]`);
    if (one !== undefined) found.push(one);
  }
  return found;
}

/** Takes a value over into an object; HL7's null is as good as none.
 * @param {any} into @param {string} key @param {import("lib/fields.js").Fields} source @param {string} path */
export function part(into, key, source, path) {
  const value = source.get(path);
  if (value !== "" && value !== NULL) into[key] = value;
}

/** Writes a field's repetition anew: its parts by their place, such as "1.2", in ascending order.
 * @param {import("lib/fields.js").Fields} target @param {string} path
 * @param {[string, string | undefined][]} parts */
export function write_parts(target, path, parts) {
  target.setRaw(path, "");
  for (const [place, value] of parts)
    if (value !== undefined && value !== "") target.set(`${path}.${place}`, value);
}
