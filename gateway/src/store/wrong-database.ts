/** A database that is not for this gateway: the operator has to name another, or use another gateway. */
export class WrongDatabaseError extends Error {
	override name = 'WrongDatabaseError';
}

/** Throws if a database belongs to another region. */
export function refuseOther(owner: string, region: string): void {
	if (owner === region) return;
	throw new WrongDatabaseError(
		`the database belongs to region ${owner}, not to ${region}; set --region ${owner}, or name another database`,
	);
}

/** Throws an error that names the version of a database's schema and the version that this code needs. */
export function refuseVersion(version: number, needed: number): never {
	throw new WrongDatabaseError(
		`the database has schema version ${version}, this gateway needs version ${needed}; ` +
			'start the gateway that wrote it, or name another database (--data-dir or --database-url)',
	);
}

/** Throws if a store gets its own rows as those of another region. */
export function refuseOwn(region: string, own: string): void {
	if (region === own)
		throw new Error(`rows of region ${own} are this store's own, and no region can replicate them here`);
}
