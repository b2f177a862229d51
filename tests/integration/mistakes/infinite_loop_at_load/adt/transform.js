let sum = 0;
while (true) sum += 1;
export default function (msg, ctx) {
  return msg;
}
