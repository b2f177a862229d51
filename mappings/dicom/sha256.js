// SHA-256 and HMAC-SHA-256 of short texts. FIPS 180-4, RFC 2104.

const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
const fraction = (x) => Math.floor((x - Math.floor(x)) * 0x100000000) | 0;
const round_constants = primes.map((p) => fraction(Math.cbrt(p)));
const initial_state = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));

const rotate = (x, n) => (x >>> n) | (x << (32 - n));

/** UTF-8, as a list of numbers. */
function bytes_of(text) {
  const bytes = [];
  for (const character of text) {
    const code = character.codePointAt(0);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
}

function padded(bytes) {
  const all = [...bytes, 0x80];
  while (all.length % 64 !== 56) all.push(0);
  const bits = bytes.length * 8;
  for (let shift = 56; shift >= 0; shift -= 8) all.push(Math.floor(bits / 2 ** shift) & 0xff);
  return all;
}

function block(state, bytes, at) {
  const w = [];
  for (let i = 0; i < 16; i++)
    w.push((bytes[at + 4 * i] << 24) | (bytes[at + 4 * i + 1] << 16) | (bytes[at + 4 * i + 2] << 8) | bytes[at + 4 * i + 3]);
  for (let i = 16; i < 64; i++) {
    const a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >>> 3);
    const b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >>> 10);
    w.push((w[i - 16] + a + w[i - 7] + b) | 0);
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + round_constants[i] + w[i]) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  return [a, b, c, d, e, f, g, h].map((x, i) => (x + state[i]) | 0);
}

function digest(bytes) {
  const all = padded(bytes);
  let state = initial_state;
  for (let at = 0; at < all.length; at += 64) state = block(state, all, at);
  return state.flatMap((x) => [(x >>> 24) & 0xff, (x >>> 16) & 0xff, (x >>> 8) & 0xff, x & 0xff]);
}

/** The 32 bytes of SHA-256, as a list of numbers. @param {string} text */
export function sha256(text) {
  return digest(bytes_of(text));
}

/** The 32 bytes of HMAC-SHA-256. @param {string} key @param {string} text */
export function hmac_sha256(key, text) {
  const given = bytes_of(key);
  const key_bytes = given.length > 64 ? digest(given) : given;
  const pad = (byte) => Array.from({ length: 64 }, (_, i) => (key_bytes[i] ?? 0) ^ byte);
  return digest([...pad(0x5c), ...digest([...pad(0x36), ...bytes_of(text)])]);
}
