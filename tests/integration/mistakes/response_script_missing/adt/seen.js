export default function (answer) {
  if (answer.get("MSA-1" === "AE") return "rejected";
}
