/** Returns why an address gives no stream; undefined when it gives one. */
export async function reasonOf(address: string, url: string, signal: AbortSignal): Promise<unknown> {
	try {
		const { explain } = await import('./parts.ts');
		return await explain(address, url, signal);
	} catch (cause) {
		// Without a network, the module that asks cannot load either.
		return cause;
	}
}
