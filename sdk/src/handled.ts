/**
 * Returns the promise of a call, and marks its rejection as handled: a caller that wants no answer needs no `catch`, and
 * an unhandled rejection would end a Node process.
 */
export function handled<Result>(call: () => Promise<Result>): Promise<Result> {
	const result = (async () => call())();
	result.catch(() => {});
	return result;
}
