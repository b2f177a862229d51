export default function (msg, ctx) {
  return msg;
}
