// What a mapping script is called with, for editors. A script's default export is a Mapping:
//
//   /** @type {import("causeway").Mapping} */
//   export default function (msg, ctx) { … return msg; }
//
// Scripts import their channel's files as "./name.js" and library files as "folder/name.js".
// They have no clock, random numbers, locale, time zone, timers, network or files; globals are
// frozen, and nothing may be kept from one run to the next.

/** What can go on, be sent or be replied. A string is text (HL7 v2, if it begins with MSH where that came). */
export type Sendable = Message | Content | string;

/** What ctx.text and ctx.bytes make: content of a type. */
export interface Content {
  readonly type: ContentType;
}

export type ContentType = "binary" | "hl7v2" | "text" | "json" | "xml" | "dicom" | "x12" | "csv";

/** A "transform" stage: what goes on. Nothing returned: msg as it now is. A list: several messages. */
export type Mapping = (
  msg: Message, ctx: Context,
) => Sendable | Sendable[] | void | Promise<Sendable | Sendable[] | void>;

/** A "filter" stage: true lets the message go on; false, or the reason why not, drops it. */
export type Filter = (msg: Message, ctx: Context) => boolean | string | Promise<boolean | string>;

/** A "split" stage: each part goes through the further stages by itself, in order. */
export type Split = (msg: Message, ctx: Context) => Iterable<Sendable> | Promise<Iterable<Sendable>>;

/** A "route" stage: the destination's name, names, or what each gets; or nothing after ctx.send. */
export type Route = (msg: Message, ctx: Context) => Routed | Promise<Routed>;
export type Routed = string | string[] | Record<string, Sendable> | void;

/**
 * An HL7 v2 message. (Other content comes to the script as a string.)
 *
 * Paths: "PID-3.1", "PID-3[2].1.2", "OBX[3]-5", "MSH-9"; numbers count from 1. What is not written
 * to stays byte for byte as it was received.
 *
 * Values are decoded as UTF-8 if MSH-18 says so and the message is valid UTF-8; otherwise one
 * character stands for one byte, and a character above U+00FF can't be written.
 */
export interface Message {
  /** The value with its escape sequences decoded; "" if there is none. */
  get(path: string): string;
  /** The value as it stands, escape sequences and all; "" if there is none. */
  raw(path: string): string;
  /** Writes a value, escaping what is a delimiter. The segment must be there. */
  set(path: string, value: string | number | boolean): void;
  /** Writes a value as it is: it may hold delimiters of lower levels, but no segment ends. */
  setRaw(path: string, value: string | number | boolean): void;
  /** How many repetitions the field has; 0 if it is empty. */
  repetitions(path: string): number;

  /** How many segments have this name. */
  count(name: string): number;
  /** The text of the nth (from 1) segment of this name; undefined if there is none. */
  segment(name: string, n?: number): string | undefined;
  /** Where the nth (from 1) segment of this name stands: MSH is 0; -1 if there is none. */
  indexOf(name: string, n?: number): number;
  /** Adds a segment, such as "ZPI|1|x", at the end. */
  append(segment: string): void;
  /** Adds a segment before the one at `index` (from 1: MSH stays first). */
  insert(index: number, segment: string): void;
  /** Removes the nth (from 1) segment of this name, which must be there. */
  remove(name: string, n?: number): void;

  /** Another message with the same content. */
  copy(): Message;
  /** The whole message as it is now. */
  toString(): string;
}

export interface Context {
  /** When the message was received: "2024-01-02T03:04:05.678Z". */
  readonly now: string;
  /** A UUID that follows from the message and the revision: the same when it is run again. */
  uuid(): string;

  /** Ends the message here, as accepted. The reason is kept in the step's log. */
  drop(reason: string): void;
  /**
   * Chooses a destination; without any call, all get what goes on. Content given is sent as it is now
   * (later edits of msg don't change it), as often as it is called; otherwise it gets what goes on.
   */
  send(destination: string, content?: Sendable): void;
  /** What the sender is answered, where the channel's reply comes from the script. */
  reply(content: Sendable): void;

  /** Text of another type, such as "xml". */
  text(text: string, type?: ContentType): Content;
  /** Bytes, as they are. */
  bytes(bytes: Uint8Array, type?: ContentType): Content;

  /** Writes a line to the step's log (16 KiB a run), like console.log. Objects are shown as JSON. */
  log(...values: unknown[]): void;
}

declare global {
  const console: Record<"log" | "debug" | "info" | "warn" | "error", (...values: unknown[]) => void>;
}
