/** @type {import("causeway").Mapping} */
export default function (msg, ctx) {
  msg.gte("PID-3.1"); // expect: TS2339 Property 'gte' does not exist on type 'Message'
  msg.set("PID-3.1"); // expect: TS2554 Expected 2 arguments
  msg.set("PID-5", { family: "DOE" }); // expect: TS2345 is not assignable to parameter of type 'Value'
  ctx.send("lab", 5); // expect: TS2345 is not assignable to parameter of type
  ctx.table("sex").get("M").toUppercase(); // expect: TS2551 Did you mean 'toUpperCase'
  ctx.text("a", "jsn"); // expect: TS2345 is not assignable to parameter of type 'ContentType'
  ctx.counter("sent").toUpperCase(); // expect: TS2339 Property 'toUpperCase' does not exist on type 'number'
  ctx.now = ""; // expect: TS2540 read-only property
  return msg;
}
