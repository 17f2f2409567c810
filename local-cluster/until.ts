export interface UntilOptions {
	/** The awaited event, for the error message. */
	readonly what: string;
	/** The longest wait, in milliseconds; 120,000 by default: a guard, also on a busy machine. */
	readonly timeoutMs?: number;
	/** The interval between two checks, in milliseconds; 20 by default. */
	readonly intervalMs?: number;
}

/**
 * Checks `condition` until its value is not false, undefined or null, and resolves with this value. Rejects after the timeout,
 * and at once with the error that `condition` throws.
 */
export async function until<Value>(
	condition: () => Value | Promise<Value>,
	{ what, timeoutMs = 120_000, intervalMs = 20 }: UntilOptions,
): Promise<Exclude<Value, false | undefined | null>> {
	const end = performance.now() + timeoutMs;
	for (;;) {
		const value = await condition();
		if (value !== false && value !== undefined && value !== null) {
			return value as Exclude<Value, false | undefined | null>;
		}
		if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`);
		// Processes do not notify of a change, so the condition is polled.
		await new Promise((resolve) => setTimeout(resolve, intervalMs));
	}
}
