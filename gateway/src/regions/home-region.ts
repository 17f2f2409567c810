import { spreadHash } from '../state/hash.ts';

/**
 * Returns the region whose store counts the reactions that a user gives once.
 *
 * It is the region with the highest hash of its name and the user's (Thaler and Ravishankar, "Using name-based mappings to
 * increase hit rates", 1998). All regions need the same list of regions to agree on it. An added region moves only the
 * users that it becomes the home of.
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
