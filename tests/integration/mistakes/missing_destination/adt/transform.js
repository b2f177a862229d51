export default function (msg, ctx) {
  ctx.send("lap", msg);
}
