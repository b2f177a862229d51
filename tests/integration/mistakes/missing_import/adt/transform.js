import { upper } from "./name.js";
export default function (msg, ctx) {
  msg.set("PID-5.1", upper(msg.get("PID-5.1")));
  return msg;
}
