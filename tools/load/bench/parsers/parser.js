// Parse, read ten fields, set one, write, with a parser from npm: for `tools/bench --formats`.
//
// Usage: node parser.js NODE_MODULES PACKAGE FILE SECONDS     FILE: messages in MLLP frames
// Prints one JSON object.
const fs = require("fs");
const path = require("path");

const FIELDS = [["MSH", 9, 1], ["MSH", 10, 1], ["PID", 3, 1], ["PID", 5, 1], ["PID", 5, 2],
  ["PID", 7, 1], ["PID", 8, 1], ["PV1", 2, 1], ["OBX", 3, 1], ["OBX", 5, 1]];

const workers = {
  "hl7-standard": (HL7) => (text) => {
    const message = new HL7(text);
    message.transform();
    let size = 0;
    for (const [segment, field, component] of FIELDS) {
      if (message.getSegment(segment))
        size += String(message.get(`${segment}.${field}.${component}`) ?? "").length;
    }
    if (message.getSegment("PID")) message.set("PID.8", "U");
    else message.set("MSH.5", "U");
    return size + message.build().length;
  },
  "simple-hl7": (hl7) => {
    const parser = new hl7.Parser();
    return (text) => {
      const message = parser.parse(text);
      let size = 0;
      for (const [name, field, component] of FIELDS) {
        const segment = name === "MSH" ? message.header : message.getSegment(name);
        // MSH-1 and MSH-2 are not among its fields.
        const number = name === "MSH" ? field - 2 : field;
        if (segment) size += String(segment.getComponent(number, component) ?? "").length;
      }
      const patient = message.getSegment("PID");
      if (patient) patient.setField(8, "U");
      else message.header.setField(3, "U");
      return size + message.toString().length;
    };
  },
  hl7parser: (hl7) => (text) => {
    const message = hl7.create(text.slice(0, -1)); // it takes an empty last line for a segment
    let size = 0;
    for (const [segment, field, component] of FIELDS)
      size += message.get(`${segment}.${field}.${component}`).toString().length;
    if (message.exists("PID")) message.set("PID.8", "U");
    else message.set("MSH.5", "U");
    return size + message.toString().length;
  },
};

function main([modules, name, file, seconds]) {
  let library;
  try {
    library = require(path.resolve(modules, name));
  } catch (error) {
    return { missing: name };
  }
  const work = workers[name](library);
  const texts = fs.readFileSync(file, "latin1").split("\x0b").slice(1)
    .map((part) => part.split("\x1c\r")[0]);
  const good = texts.filter((text) => {
    try {
      return work(text) > 0;
    } catch (error) {
      return false; // it is not made for all of them
    }
  });
  if (good.length === 0) return { missing: name };
  let count = 0, size = 0, took = 0;
  const begin = process.hrtime.bigint();
  while (took < Number(seconds)) {
    for (const text of good) {
      work(text);
      size += text.length;
    }
    count += good.length;
    took = Number(process.hrtime.bigint() - begin) / 1e9;
  }
  return { messages: good.length, us: (took * 1e6) / count, mb_s: size / took / 1e6 };
}

console.log(JSON.stringify(main(process.argv.slice(2))));
