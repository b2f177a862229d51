/** @type {import("causeway").Filter} */
export const filter = (msg) => 5; // expect: TS2322 is not assignable to type

/** @type {import("causeway").Mapping<import("causeway").XmlNode>} */
export const xml = (msg) => msg.all("//a").join().length; // expect: TS2322 is not assignable to type

/** @type {import("causeway").Route} */
export const route = (msg) => [5]; // expect: TS2322 is not assignable to type

/** @type {import("causeway").Mapping} */
export const mapping = (msg) => ({ id: msg.get("MSH-10") }); // expect: TS2322 is not assignable to type
