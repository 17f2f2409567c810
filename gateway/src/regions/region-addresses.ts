import { PeerError } from '../cluster/rpc/peer-client.ts';
import type { Region } from '../config/parse-regions.ts';

/** The addresses of the dispatchers of other regions. */
export interface RegionAddresses {
	/** Returns the addresses of a region; the one that answered last is the first. */
	of(region: string): readonly string[];
	/** Asks the first address. One that does not answer moves to the end. Rejects as `ask` does. */
	ask<Answer>(region: string, ask: (url: string) => Promise<Answer>): Promise<Answer>;
}

export function createRegionAddresses(regions: readonly Region[]): RegionAddresses {
	const urls = new Map(regions.map((region) => [region.region, [...region.urls]]));

	function urlsOf(region: string): string[] {
		const known = urls.get(region);
		if (known === undefined) throw new PeerError(`region ${region} is unknown; add it to --regions`);
		return known;
	}

	return {
		of: urlsOf,
		async ask(region, ask) {
			const known = urlsOf(region);
			const url = known[0] as string;
			try {
				return await ask(url);
			} catch (error) {
				// Another address may answer. A parallel call that failed may have moved this address already.
				// mutant: asks-next-dispatcher
				if (known[0] === url) known.push(...known.splice(0, 1));
				throw error;
			}
		},
	};
}
