/** Why there is no stream at an address; undefined when there is one. */
export async function reasonOf(address: string, url: string, signal: AbortSignal): Promise<unknown> {
	try {
		const { explain } = await import('./parts.ts');
		return await explain(address, url, signal);
	} catch (cause) {
		// Without a network the part that asks cannot be loaded either.
		return cause;
	}
}
