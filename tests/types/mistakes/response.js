/** @type {import("causeway").Response} */
export function says(answer, ctx) {
  return answer.get("MSA-1"); // expect: TS2322 Type 'string' is not assignable to type 'Seen
}

/** @type {import("causeway").Response} */
export function does(answer, ctx) {
  ctx.attach({ a: 1 }); // expect: TS2339 Property 'attach' does not exist on type 'ResponseContext'
  ctx.send("lab"); // expect: TS2339 Property 'send' does not exist on type 'ResponseContext'
}
