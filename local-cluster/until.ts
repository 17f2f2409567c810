export interface UntilOptions {
	/** What is waited for, for the message of the error. */
	readonly what: string;
	/** How long at most, in milliseconds; 60,000 when not given. */
	readonly timeoutMs?: number;
	/** Time between two looks, in milliseconds; 20 when not given. */
	readonly intervalMs?: number;
}

/**
 * Looks until `condition` gives something that is not false, undefined or null, and returns that. Rejects after the
 * time, with what was waited for, and at once with what `condition` throws.
 */
export async function until<Value>(
	condition: () => Value | Promise<Value>,
	{ what, timeoutMs = 60_000, intervalMs = 20 }: UntilOptions,
): Promise<Exclude<Value, false | undefined | null>> {
	const end = performance.now() + timeoutMs;
	for (;;) {
		const value = await condition();
		if (value !== false && value !== undefined && value !== null) {
			return value as Exclude<Value, false | undefined | null>;
		}
		if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`);
		// Between two looks at the condition, which alone ends the wait: processes do not say when it comes true.
		await new Promise((resolve) => setTimeout(resolve, intervalMs));
	}
}
