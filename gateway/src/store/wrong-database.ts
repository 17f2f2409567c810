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

/** Throws an error that names the version of a database's schema and the version that this code needs. */
export function refuseVersion(version: number, needed: number): never {
	throw new WrongDatabaseError(
		`the database has schema version ${version}, this gateway needs version ${needed}; ` +
			'start the gateway that wrote it, or name another database (--data-dir or --database-url)',
	);
}

/** Throws when a store is given its own rows as those of another region. */
export function refuseOwn(region: string, own: string): void {
	if (region === own) throw new Error(`the rows of region ${own} are this store's own; another cannot tell them`);
}
