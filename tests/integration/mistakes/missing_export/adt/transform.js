function transform(msg, ctx) {
  return msg;
}
