export default (msg) => msg;
