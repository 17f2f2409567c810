import { type LikewireError, temporary } from './errors.ts';

/** Why there is no stream at an address. Without a network the part that asks cannot be loaded either. */
export async function reasonOf(address: string, url: string, signal: AbortSignal): Promise<LikewireError | undefined> {
	try {
		const { explain } = await import('./parts.ts');
		return await explain(address, url, signal);
	} catch (cause) {
		return temporary('network', `${url} could not be reached.`, cause);
	}
}
