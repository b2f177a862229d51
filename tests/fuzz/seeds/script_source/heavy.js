let n = 0;
export default (msg) => {
  const o = { get x() { return n++; }, toString() { return "x".repeat(100 + o.x); } };
  let s = `${o}`; while (s.length < 10000) s += s;
  const u = new Uint8Array(1000).fill(7); class E extends Error {}
  /^(a+)+$/.test("aaaaaaaaaaaaaaaab"); JSON.parse(JSON.stringify({ u: [...u], d: new Date(5) }));
  return msg.toString() + s + 2n ** 64n;
};
