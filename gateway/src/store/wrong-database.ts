/** A database that is not for this gateway; somebody has to name another, or use another gateway. */
export class WrongDatabaseError extends Error {
	override name = 'WrongDatabaseError';
}

/** Throws when a database belongs to another region than the one it is opened for. */
export function refuseOther(owner: string, region: string): void {
	if (owner === region) return;
	throw new WrongDatabaseError(
		`the database belongs to region ${owner}, not to ${region}; two regions must not share one (--region names another)`,
	);
}

/** Throws when a database has a newer schema than this code. */
export function refuseNewer(version: number, known: number): void {
	if (version <= known) return;
	throw new WrongDatabaseError(
		`the database has schema ${version}, this gateway knows up to ${known}; use a newer gateway`,
	);
}

/** Throws when a store is given its own rows as those of another region. */
export function refuseOwn(region: string, own: string): void {
	if (region === own) throw new Error(`the rows of region ${own} are this store's own; another cannot tell them`);
}
