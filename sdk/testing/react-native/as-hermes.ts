/** A script that removes from a context what Hermes does not have, or not in all of its versions. */
export const AS_HERMES = `{
	const known = Symbol;
	globalThis.Symbol = function Symbol(text) { return known(text); };
	// Symbols of the language cannot be deleted.
	const { asyncIterator, asyncDispose, dispose, name, length, ...rest } = Object.getOwnPropertyDescriptors(known);
	Object.defineProperties(Symbol, rest);
	for (const type of [Array, String, Uint8Array]) delete type.prototype.at;
	for (const name of ['FinalizationRegistry', 'SharedArrayBuffer', 'Atomics', 'WebAssembly']) delete globalThis[name];
}`;
