export default function (answer) {
  if (answer.get("MSA-3") === "busy") return "retry";
}
