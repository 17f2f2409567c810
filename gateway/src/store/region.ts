/** Throws when a database belongs to another region than the one it is opened for. */
export function refuseOther(owner: string, region: string): void {
	if (owner === region) return;
	throw new Error(
		`the database belongs to region ${owner}, not to ${region}; two regions must not share one (--region names another)`,
	);
}

/** Throws when a store is given its own rows as those of another region. */
export function refuseOwn(region: string, own: string): void {
	if (region === own) throw new Error(`the rows of region ${own} are this store's own; another cannot tell them`);
}
