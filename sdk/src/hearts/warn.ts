/** Shows the author of a page what createHearts could not do as asked. */
export function warn(what: unknown): void {
	// biome-ignore lint/suspicious/noConsole: the page goes on, so nothing else shows it.
	console.warn(`createHearts: ${what}`);
}
