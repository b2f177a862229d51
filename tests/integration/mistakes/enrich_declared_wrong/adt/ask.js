/** @type {import("causeway").Request} */
export default (msg) => ({ path: ["Patient", msg.get("PID-3.1")] });
