// What a mapping script is called with, for editors. A script's default export is a Mapping:
//
//   /** @type {import("causeway").Mapping} */
//   export default function (msg, ctx) { … return msg; }
//
// Scripts import their channel's files as "./name.js" and library files as "folder/name.js".
// They have no clock, random numbers, locale, time zone, timers, network or files; globals are
// frozen, and nothing may be kept from one run to the next.

/**
 * `msg`, by the type of the content: HL7 v2 is a Message, JSON a plain object or list, XML an
 * XmlNode (the document), DICOM a DataSet, all else a string: UTF-8 text if it is valid UTF-8, otherwise one
 * character for each byte.
 */
export type Input = Message;

/** What can go on, be sent or be replied. A string is text (HL7 v2, if it begins with MSH where that
 * came). Where JSON came, plain objects stand for JSON; elsewhere ctx.json makes content of them. */
export type Sendable = Message | XmlNode | DataSet | Content | string;

/** Content of a type: what ctx.json, ctx.xml, ctx.text and ctx.bytes make. */
export interface Content {
  readonly type: ContentType;
}

export type ContentType = "binary" | "hl7v2" | "text" | "json" | "xml" | "dicom" | "x12" | "csv";

/** A "transform" stage: what goes on. Nothing returned: msg as it now is. A list: several messages. */
export type Mapping<Msg = Input> = (
  msg: Msg, ctx: Context,
) => Result<Msg> | Promise<Result<Msg>>;
export type Result<Msg> = Part<Msg> | Part<Msg>[] | void;
export type Part<Msg> = Sendable | (Msg extends Message | XmlNode | DataSet | string ? never : object);

/** A "filter" stage: true lets the message go on; false, or the reason why not, drops it. */
export type Filter<Msg = Input> = (msg: Msg, ctx: Context) => boolean | string | Promise<boolean | string>;

/** A "split" stage: each part goes through the further stages by itself, in order. */
export type Split<Msg = Input> = (
  msg: Msg, ctx: Context,
) => Iterable<Part<Msg>> | Promise<Iterable<Part<Msg>>>;

/** A "route" stage: the destination's name, names, or what each gets; or nothing after ctx.send. */
export type Route<Msg = Input> = (msg: Msg, ctx: Context) => Routed | Promise<Routed>;
export type Routed = string | string[] | Record<string, Sendable | object> | void;

/** An "enrich" stage: what is asked for; nothing: nothing is asked. */
export type Request<Msg = Input, Asked = Key | HttpRequest | SqlParameters> = (
  msg: Msg, ctx: RequestContext,
) => Asked | null | void | Promise<Asked | null | void>;
/** Of a "table": what its first column has. */
export type Key = string | number;
/** Of "http". */
export interface HttpRequest {
  /** Behind the stage's URL; a list: its segments, each escaped. */
  path?: string | (string | number)[];
  query?: Record<string, string | number | boolean>;
  /** A text as it is, or what JSON is made of. */
  body?: unknown;
}
/** Of "sql": what stands for $1, $2, … */
export type SqlParameters = (string | number | boolean | null)[];
/** What "http" answers: the body as JSON has it, if its type says that it is JSON. */
export interface HttpAnswer {
  status: number;
  type: string;
  body: any;
}

/**
 * A destination's "response" script: what its answer means. Nothing returned: what ctx.outcome says.
 * ctx.reply gives the answer of the sender, where the channel's reply comes from this destination.
 */
export type Response<Answer = Message> = (answer: Answer, ctx: ResponseContext) => Seen | Promise<Seen>;
export type Seen = SeenOutcome | { outcome?: SeenOutcome; reason?: string } | void;
/** "deferred": it is sent again, by the destination's "retry" and "give_up_after". */
export type SeenOutcome = "delivered" | "rejected" | "deferred";

/** What a value is written from: numbers and truth values as JavaScript prints them. */
export type Value = string | number | boolean | ExactNumber;

/** Values of a segment by their place in it: { "3.1": "A7", 8: "F" }. */
export type Values = Record<string | number, Value>;

/** What the MSH of a new message says. */
export interface NewMessage {
  /** That of msg, where it is HL7 v2; else "2.5.1". */
  version?: string;
  /** 20 characters that follow from the message and the revision: the same when it is run again. */
  controlId?: string;
  /** ctx.now: "20240102030405+0000". */
  time?: string;
  /** That of msg, where it is HL7 v2; else "P". */
  processingId?: string;
  /** The field separator, then the characters of MSH-2: "|^~\\&". */
  delimiters?: string;
}

/**
 * A number of a JSON document that a double can't hold, such as 12345678901234567890. It prints as
 * it was written, and is written so; arithmetic with it is that of the nearest double.
 */
export interface ExactNumber {
  toString(): string;
  toJSON(): string;
  valueOf(): number;
}

/**
 * An HL7 v2 message.
 *
 * Paths: "PID-3.1", "PID-3[2].1.2", "OBX[3]-5", "MSH-9"; numbers count from 1. Through the groups of
 * the message's structure: "ORDER_OBSERVATION[2]/OBX[1]-5.1" is the first OBX of the second order;
 * groups between may be left out. What is not written to stays byte for byte as it was received.
 *
 * Values are decoded as UTF-8 if MSH-18 says so and the message is valid UTF-8; otherwise one
 * character stands for one byte, and a character above U+00FF can't be written.
 */
export interface Message {
  /** The value with its escape sequences decoded; "" if there is none. */
  get(path: string): string;
  /** The value as it stands, escape sequences and all; "" if there is none. */
  raw(path: string): string;
  /** Every value that [*] stands for: "OBX[*]-5", "PID-3[*].1", "ORDER_OBSERVATION[*]/OBR-4.1". */
  all(path: string): string[];
  /** Writes a value, escaping what is a delimiter. The segment must be there. */
  set(path: string, value: Value): void;
  /** Writes a value as it is: it may hold delimiters of lower levels, but no segment ends. */
  setRaw(path: string, value: Value): void;
  /** How many repetitions the field has; 0 if it is empty. */
  repetitions(path: string): number;

  /** How many segments have this name. */
  count(name: string): number;
  /** The text of the nth (from 1) segment of this name; undefined if there is none. */
  segment(name: string, n?: number): string | undefined;
  /** All segments of this name, or all, one by one. */
  segments(name?: string): Segment[];
  /** All groups of this name, such as "ORDER_OBSERVATION", in order, however deep. */
  groups(name: string): Group[];
  /** Where the nth (from 1) segment of this name stands: MSH is 0; -1 if there is none. */
  indexOf(name: string, n?: number): number;
  /**
   * Adds a segment, such as "ZPI|1|x", or a copy of a segment or group, at the end, and gives it (of a group, its
   * first). Values are written into it by their place: append("PID", { "3.1": "A7", 8: "F" }).
   */
  append(what: string | Segment | Group, values?: Values): Segment;
  /** Adds it before the segment at `index` (from 1: MSH stays first). */
  insert(index: number, what: string | Segment | Group, values?: Values): Segment;
  /** Removes the nth (from 1) segment of this name, which must be there. */
  remove(name: string, n?: number): void;

  /** Another message with the same content. */
  copy(): Message;
  /** The whole message as it is now. */
  toString(): string;
}

/** One segment. Paths start within it: "3.1" of a PID is PID-3.1. */
export interface Segment {
  name(): string;
  /** Where it stands: MSH is 0. */
  index(): number;
  get(path: string): string;
  raw(path: string): string;
  set(path: string, value: Value): void;
  setRaw(path: string, value: Value): void;
  repetitions(path: string): number;
  /** Takes it out of the message. */
  remove(): void;
  /** Its text, without its end. */
  toString(): string;
}

/**
 * One group of a message's structure: the segments that it had when it was asked for, less those
 * taken out and with those put in between or by `append`. Paths count within it: "OBX[2]-5" of an
 * ORDER_OBSERVATION is the second OBX of that order, "OBSERVATION[2]/NTE-3" leads on.
 */
export interface Group {
  name(): string;
  /** Where its first segment stands in the message. */
  index(): number;
  get(path: string): string;
  raw(path: string): string;
  set(path: string, value: Value): void;
  setRaw(path: string, value: Value): void;
  repetitions(path: string): number;

  count(name: string): number;
  segment(name: string, n?: number): string | undefined;
  segments(name?: string): Segment[];
  groups(name: string): Group[];
  /** Adds a segment, or a copy of a segment or group, at its end. */
  append(what: string | Segment | Group, values?: Values): Segment;
  /** Removes the nth (from 1) segment of this name in it; without a name, the group as a whole. */
  remove(name?: string, n?: number): void;
  /** Its segments, each with a CR. */
  toString(): string;
}

/** Prefixes for XPath: {cda: "urn:hl7-org:v3"}. Those of the document itself are not known to it. */
export type Namespaces = Record<string, string>;

/**
 * XML: a document or a node of it, read by XPath 1.0. A document with a DOCTYPE is refused. One that
 * is not changed leaves byte for byte as it came, one that is is written anew.
 */
export interface XmlNode {
  /** The text of the first node found, or the value of an expression such as "count(//a)"; or "". */
  get(xpath: string, namespaces?: Namespaces): string;
  /** The first node found. */
  find(xpath: string, namespaces?: Namespaces): XmlNode | undefined;
  /** All nodes found, in the document's order. */
  all(xpath: string, namespaces?: Namespaces): XmlNode[];
  /** Sets the text of the first node found, which must be there. */
  set(xpath: string, value: Value, namespaces?: Namespaces): void;

  /** With its prefix, as it is written; "" for the document. */
  name(): string;
  namespace(): string;
  /** Of this node and all within it. */
  text(): string;
  setText(value: Value): void;
  /** The elements directly within it. */
  children(): XmlNode[];
  attribute(name: string): string | undefined;
  /** null removes it. */
  setAttribute(name: string, value: Value | null): void;
  /** A new last element within this one, in the namespace of its prefix, or in this one's. */
  append(name: string, text?: Value): XmlNode;
  remove(): void;
  /** The document, or this element as one. */
  toString(): string;
}

/** A value of a data set: binary numbers as numbers, all else as text. */
export type DicomValue = string | number;

/**
 * A DICOM data set, or an item of one of its sequences. What is not written to stays byte for byte as
 * it was received; pixel data is passed on, and can be neither read nor written.
 *
 * Paths: a keyword "PatientName", a tag "00100010" or "(0010,0010)", or a way into sequences:
 * "RequestAttributesSequence[0].ScheduledProcedureStepID"; items count from 0, and no number means
 * the first. Text is decoded from, and written in, the character set that SpecificCharacterSet names.
 *
 * Elements are properties too, by keyword: msg.PatientName, msg.Rows = 512. Read, a sequence is a
 * list of items, several values of text are one string with "\\" between, several numbers a list; what
 * isn't there is undefined. Written, undefined and null remove the element. A name that is no keyword
 * reads as undefined and can't be written.
 */
export interface DataSet {
  get(path: string): any;
  /** `kind` (the VR) is needed for elements that the dictionary doesn't know. */
  set(path: string, value: DicomValue | ExactNumber | DicomValue[] | null | undefined, kind?: string): void;
  has(path: string): boolean;
  /** Each value by itself; none: []. */
  values(path: string): DicomValue[];
  /** The items of a sequence; none: []. */
  items(path: string): DataSet[];
  /** A new last item of a sequence, which is made if it isn't there. */
  append(path: string): DataSet;
  /** An element, or an item: "ReferencedStudySequence[1]". False: it wasn't there. */
  remove(path: string): boolean;
  /** The VR: "PN"; undefined: it isn't there. */
  kind(path: string): string | undefined;
  /** A value as it stands, such as that of EncapsulatedDocument. */
  bytes(path: string): Uint8Array | undefined;
  setBytes(path: string, bytes: Uint8Array, kind?: string): void;
  /** All elements that are here: ["00080005", "00080008", …]. */
  tags(): string[];
  /** Another one with the same content. */
  copy(): DataSet;
  [keyword: string]: any;
}

/** A code table: a CSV file with a heading, whose first column has the codes. */
export interface Table {
  /** A value of a code, from the named column, or the second. Throws if there is no such code. */
  get(code: string | number, column?: string): string;
  /** The same; undefined if there is no such code: table.lookup(code) ?? "unknown". */
  lookup(code: string | number, column?: string): string | undefined;
  has(code: string | number): boolean;
  /** All columns by name; undefined if there is no such code. */
  row(code: string | number): Record<string, string> | undefined;
  /** The code of a value; undefined if there is none. Throws if there are several. */
  reverse(value: string | number, column?: string): string | undefined;
}

/** How delimited text is laid out. */
export interface Layout {
  /** One character: "," */
  separator?: string;
  /** One character, or "" for none: '"' */
  quote?: string;
  /** The first line has the columns' names: true, unless columns are given. */
  header?: boolean;
  columns?: string[];
  /** Fixed width: so many bytes for each column. */
  widths?: number[];
}
/** By the columns' names; of a text without any, by the numbers of the fields, as in a list. */
export type Row = Record<string, string>;

/** What is known of the message besides its content; the same whenever it is run. */
export interface MessageFacts {
  readonly id: string;
  /** As ctx.now. */
  readonly received: string;
  /** Of what the stage gets. */
  readonly contentType: ContentType;
  /** The channel's path: "lab/oru_in". */
  readonly channel: string;
  readonly cause: "arrival" | "replay" | "hop";
  /** The installation's environment; "" if it has no name. */
  readonly environment: string;
  readonly sender: Sender;
  /**
   * What the protocol says of it besides its content: of a request { method, path, "path.id",
   * "query.since", "header.x-request-id", … }. Which there are, the connector's page says. With what
   * stages before have changed by ctx.attach.
   */
  readonly attributes: Readonly<Record<string, string>>;
}
/** For a destination or the sender; what names mean, the connector's page says. */
export type Attributes = Record<string, string | number>;
export interface Sender {
  readonly address: string;
  /** "" unless the sender has shown who it is. */
  readonly name: string;
}

export interface Context {
  /** When the message was received: "2024-01-02T03:04:05.678Z". */
  readonly now: string;
  /** A UUID that follows from the message and the revision: the same when it is run again. */
  uuid(): string;
  readonly message: MessageFacts;

  /** Ends the message here, as accepted. The reason is kept in the step's log. */
  drop(reason: string): void;
  /**
   * Chooses a destination; without any call, all get what goes on. Content given is sent as it is now
   * (later edits of msg don't change it), as often as it is called; otherwise it gets what goes on.
   * Attributes, such as { path: "/orders/1" }, change those of what goes on for this one.
   */
  send(destination: string, content?: Sendable | object, attributes?: Attributes): void;
  /**
   * What the sender is answered, where the channel's reply comes from the script. Attributes, such
   * as { status: 201, "header.location": "/orders/1" }, for protocols that have them.
   */
  reply(content: Sendable | object, attributes?: Attributes): void;
  /** Changes attributes of what goes on; destinations are told them. Those not named stay. */
  attach(attributes: Attributes): void;

  /**
   * The code table tables/NAME.csv of the channel, or NAME.csv of the library. Tables of the library
   * must be named whole, in quotes: so it is known what belongs to the revision.
   */
  table(name: string): Table;

  /**
   * The next number: 1, 2, 3, … Numbers, like all state, belong to the lane of the message ("order_by":
   * the channel, or a patient) and are committed with the run: whatever happens, none comes twice and
   * none is left out. A run that fails gives its numbers back.
   */
  counter(name: string): number;
  /**
   * What the lane's runs have left under this name: a value as JSON has them; undefined if there is
   * none. What nobody has changed for as long as the channel keeps content is forgotten.
   */
  state(name: string): any;
  /** Leaves a value to the next run of the lane: up to 64 KiB as JSON, 64 names a run. undefined forgets it. */
  setState(name: string, value: unknown): void;

  /**
   * What the enrich stage of this name was told: a table's row (an object by columns), an HttpAnswer, a
   * list of a database's rows; null if there is none, or if it failed and "on_failure" is "null".
   */
  enriched(name: string): any;

  /**
   * A new HL7 v2 message, which has an MSH and nothing else: newMessage("ORU^R01^ORU_R01"). Segments come by `append`,
   * parties by set("MSH-3", …); its groups are those of the structure that its type names. Its character set (MSH-18)
   * is the one that this run writes: that of msg, where it is HL7 v2; else UTF-8 (before 2.3 it isn't said).
   */
  newMessage(type: string, header?: NewMessage): Message;
  /** An HL7 v2 message from its text, such as one that stands in another format. */
  parseMessage(text: string): Message;

  /** JSON of a value. */
  json(value: unknown): Content;
  /** An XML document, or an element as one. */
  xml(node: XmlNode): Content;
  /** A new XML document. */
  parseXml(text: string): XmlNode;
  /**
   * Delimited or fixed-width text to rows: objects by the columns' names, or lists if there are none.
   * Text that is malformed, or a row with more or fewer fields, is an error with its line.
   */
  parseCsv(text: string, layout?: Layout): Row[];
  /** Rows to delimited or fixed-width text; the columns are those given, or of the first object. */
  csv(rows: (Record<string, Value | null | undefined> | (Value | null | undefined)[])[], layout?: Layout): Content;
  /** Text of another type, such as "x12". */
  text(text: string, type?: ContentType): Content;
  /** Bytes, as they are. */
  bytes(bytes: Uint8Array, type?: ContentType): Content;

  /** Writes a line to the step's log (16 KiB a run), like console.log. Objects are shown as JSON. */
  log(...values: unknown[]): void;
}

/** What an enrich stage's script is called with; it decides nothing. */
export type RequestContext = Omit<Context, "send" | "drop" | "reply" | "attach">;

/** What a response script is called with; it sends, drops and counts nothing. */
export interface ResponseContext extends Omit<Context, "send" | "drop" | "attach" | "counter" | "state" | "setState"> {
  /** The message as it was sent: a Message, JSON, an XmlNode or a string. */
  readonly sent: any;
  /** What the connector sees in the answer; "ambiguous": an answer, but to another message. */
  readonly outcome: SeenOutcome | "ambiguous";
}

declare global {
  const console: Record<"log" | "debug" | "info" | "warn" | "error", (...values: unknown[]) => void>;
}
