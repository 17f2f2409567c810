import { spreadHash } from '../state/hash.ts';

/**
 * The region whose store counts what a user gives once: the one with the highest hash of its name and the user's (Thaler
 * and Ravishankar, "Using name-based mappings to increase hit rates", 1998). All regions have to agree on it, so all of
 * them have to know the same ones; a region more moves only the users that it takes over.
 */
export function homeRegionOfUser(regions: readonly string[], user: string): string {
	let home = '';
	let highest = -1;
	for (const region of [...regions].sort()) {
		const hash = spreadHash(`${region} ${user}`);
		if (hash <= highest) continue;
		highest = hash;
		home = region;
	}
	return home;
}
