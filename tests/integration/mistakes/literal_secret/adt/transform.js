const apiKey = "a1b2c3d4e5f6";
export default function (msg, ctx) {
  return msg;
}
