/** @type {import("causeway").Request} */
export function asks(msg, ctx) {
  ctx.attach({ a: 1 }); // expect: TS2339 Property 'attach' does not exist on type 'RequestContext'
  ctx.send("lab"); // expect: TS2339 Property 'send' does not exist on type 'RequestContext'
  return { pth: msg.get("PID-3.1") }; // expect: TS2322 is not assignable to type
}
