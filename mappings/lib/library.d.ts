// The library's modules for HL7 v2 data types, for editors: import { toIso } from "lib/dates.js".

/** What values are read from and written to: a message ("PID-5"), a group, or a segment ("5"). */
declare module "lib/fields.js" {
  export interface Fields {
    get(path: string): string;
    set(path: string, value: import("causeway").Value): void;
    setRaw(path: string, value: import("causeway").Value): void;
    repetitions(path: string): number;
  }
  export function repetitions<T>(source: Fields, path: string, read: (at: string) => T | undefined): T[];
  export function part(into: any, key: string, source: Fields, path: string): void;
  export function write_parts(target: Fields, path: string, parts: [string, string | undefined][]): void;
}

/** HL7 v2 times, "20240102030405.678+0100": their precision and their zone are kept. */
declare module "lib/dates.js" {
  export interface Time {
    year: number;
    month?: number;
    day?: number;
    hour?: number;
    minute?: number;
    second?: number;
    /** The digits after the point, at most four. */
    fraction?: string;
    /** "+0100" */
    zone?: string;
    /** The last part that is there. */
    precision?: "year" | "month" | "day" | "hour" | "minute" | "second" | "fraction";
  }
  /** Undefined for "" and HL7's null; throws for what is no time. */
  export function parseTime(text: string): Time | undefined;
  export function formatTime(time: Time): string;
  /**
   * "2024-01-02T03:04:05.678+01:00", as far as it goes: "2024-01" of "202401". `zone` is that of times that have none.
   * Undefined for "" and HL7's null.
   */
  export function toIso(text: string, zone?: string): string | undefined;
  /** The other way: "20240102" of "2024-01-02". */
  export function fromIso(iso: string): string;
  /** Its day, or what there is of it: "20240102". */
  export function dateOf(text: string): string;
  /** The same moment by another zone's clock; a time without a zone, or without minutes, has none. */
  export function inZone(text: string, zone: string): string;
  export function addDays(text: string, count: number): string;
  /** Full years, such as an age; undefined unless both have a day. */
  export function yearsBetween(from: string, to: string): number | undefined;
  /** Below 0: a is earlier; 0: as far as both go, they are the same. Undefined if one is missing. */
  export function compareTimes(a: string, b: string): number | undefined;
}

/** Names of people: XPN ("PID-5"), XCN ("PV1-7"), and DICOM's PN. What is empty or HL7's null is left out. */
declare module "lib/names.js" {
  export interface Name {
    family?: string;
    /** "van" */
    ownPrefix?: string;
    ownFamily?: string;
    given?: string;
    middle?: string;
    suffix?: string;
    prefix?: string;
    degree?: string;
    /** "L" (legal), "N" (nickname), … table 0200. */
    type?: string;
  }
  export interface Person {
    id?: string;
    authority?: string;
    idType?: string;
    name?: Name;
  }
  /** Of all repetitions of an XPN field, or the one that the path names. */
  export function readNames(source: import("lib/fields.js").Fields, path: string): Name[];
  /** The first, or the first of this type. */
  export function readName(source: import("lib/fields.js").Fields, path: string, type?: string): Name | undefined;
  /** Writes an XPN repetition anew. */
  export function writeName(target: import("lib/fields.js").Fields, path: string, name: Name): void;
  /** Of an XCN field. */
  export function readPeople(source: import("lib/fields.js").Fields, path: string): Person[];
  /** "Dr. Jane Q Doe, Jr., MD" */
  export function displayName(name: Name): string;
  /** "Doe^Jane^Q^Dr.^Jr. MD" */
  export function toDicomName(name: Name): string;
  export function fromDicomName(text: string): Name;
}

/** Addresses: XAD ("PID-11"). What is empty or HL7's null is left out. */
declare module "lib/addresses.js" {
  export interface Address {
    street?: string;
    streetName?: string;
    houseNumber?: string;
    /** A second line. */
    other?: string;
    city?: string;
    state?: string;
    postalCode?: string;
    country?: string;
    /** "H" (home), "B" (work), … table 0190. */
    type?: string;
    county?: string;
  }
  export function readAddresses(source: import("lib/fields.js").Fields, path: string): Address[];
  /** The first, or the first of this type. */
  export function readAddress(source: import("lib/fields.js").Fields, path: string, type?: string): Address | undefined;
  /** Writes a repetition anew. */
  export function writeAddress(target: import("lib/fields.js").Fields, path: string, address: Address): void;
  /** For a label: street, second line, place, country. */
  export function addressLines(address: Address): string[];
}

/** Identifiers: CX ("PID-3"), and their check digits. */
declare module "lib/identifiers.js" {
  export interface Identifier {
    value: string;
    checkDigit?: string;
    /** "M10", "M11", "NPI": what made the check digit. */
    scheme?: string;
    /** CX-4.1: "MAIN HOSPITAL" */
    authority?: string;
    /** CX-4.2: an OID or the like, and in CX-4.3 which: "ISO". */
    authorityId?: string;
    authorityIdType?: string;
    /** "MR", "SS", … table 0203. */
    type?: string;
    facility?: string;
  }
  /** Of all repetitions that have a value. */
  export function readIdentifiers(source: import("lib/fields.js").Fields, path: string): Identifier[];
  /** The first that has all that is wanted: findIdentifier(msg, "PID-3", { type: "MR" }). */
  export function findIdentifier(
    source: import("lib/fields.js").Fields, path: string, wanted: Partial<Identifier>,
  ): Identifier | undefined;
  /** Writes a repetition anew. */
  export function writeIdentifier(target: import("lib/fields.js").Fields, path: string, identifier: Identifier): void;
  /** Undefined where there is none: no digits, another scheme, or a number that mod 11 has no digit for. */
  export function checkDigit(value: string, scheme: string): string | undefined;
  /** Undefined: it has none, or one that can't be checked. */
  export function hasGoodCheckDigit(identifier: Identifier): boolean | undefined;
}

/** Coded values: CE, CNE and CWE ("OBX-3"), and tables that translate them. */
declare module "lib/tables.js" {
  export interface Code {
    code?: string;
    text?: string;
    /** "LN", "SCT", … table 0396. */
    system?: string;
    alternate?: Code;
  }
  export function readCode(source: import("lib/fields.js").Fields, path: string): Code | undefined;
  /** Writes the field anew. */
  export function writeCode(target: import("lib/fields.js").Fields, path: string, code: Code): void;
  export interface Translation {
    /** The table's columns: of the new code (the second one) and of its text (the old text stays). */
    code?: string;
    text?: string;
    /** The new code's system: "LN". */
    system?: string;
    /** "keep": a code that the table doesn't have stays as it is; else it throws. */
    unknown?: "keep" | "fail";
    /** The old code stands beside the new one, in components 4 to 6: true. */
    keepOld?: boolean;
  }
  /** Replaces a code by the table's. False: there was none, or it is kept. */
  export function translateCode(
    target: import("lib/fields.js").Fields, path: string, table: import("causeway").Table, options?: Translation,
  ): boolean;
  /** What FHIR calls a coding system of table 0396: "http://loinc.org" of "LN"; undefined if it isn't listed. */
  export function codingSystemUri(ctx: import("causeway").Context, system: string): string | undefined;
}
