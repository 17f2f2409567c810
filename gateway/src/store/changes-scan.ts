/** The topic after which a page begins. */
export interface RowKey {
	readonly topic: string;
}

/** The change after which a page begins. */
export interface ChangeKey extends RowKey {
	/** The number of the transaction that last changed the topic. */
	readonly changed: string;
}

/** The value after which a page begins. */
export interface ValueKey {
	readonly changed: string;
	readonly topic: string;
	readonly kind: string;
	readonly key: string;
}

/** The bounds of a scan that begins now. The numbers of transactions are strings of digits. */
export interface Start {
	/** The first transaction whose changes this scan may not see. */
	readonly floor: string;
	/** The first transaction that had not begun. */
	readonly ceiling: string;
	/** The last topic. */
	readonly until: string;
}

/**
 * The state of a scan of a store: first of its rows, then of its values.
 *
 * The bounds of a scan are fixed at its start, so it ends however much clients write during it. The next scan begins at the
 * `floor` of this one, and has those changes.
 *
 * A scan of `all` rows goes by their keys, which never change: at its end it has sent all rows from before its start, so the
 * reader drops all other rows of lower epochs. A scan of the rows that `changed` since a transaction (`from`), and the scan
 * of `values` after either, leave out rows and values that change during the scan.
 */
export type Scan =
	| ({ readonly kind: 'all' } & Pick<Start, 'floor' | 'until'> & RowKey)
	| ({ readonly kind: 'changed'; readonly from: string } & Pick<Start, 'floor' | 'ceiling'> & ChangeKey)
	| ({ readonly kind: 'values'; readonly behind: ValueKey } & Pick<Start, 'floor' | 'ceiling'>)
	| ({ readonly kind: 'ended' } & Pick<Start, 'floor'>);

export type RowsScan = Extract<Scan, { readonly kind: 'all' | 'changed' }>;

export type ValuesScan = Extract<Scan, { readonly kind: 'values' }>;

/** Returns the scan that continues a given one, or a scan of all rows without one. */
export function continueScan(scan: Scan | undefined, { floor, ceiling, until }: Start): RowsScan | ValuesScan {
	// The empty string sorts before all topics.
	const first: RowKey = { topic: '' };
	if (scan === undefined) return { kind: 'all', floor, until, ...first };
	if (scan.kind === 'ended') {
		const from = /* mutant: begins-where-walk-began */ scan.floor;
		return { kind: 'changed', floor, ceiling, from, changed: from, ...first };
	}
	return scan;
}

/**
 * Returns the scan after a page of rows.
 *
 * `key` is the last key of the page; undefined after the last page.
 */
export function advanceRowsScan(scan: RowsScan, key: (RowKey & Partial<ChangeKey>) | undefined): RowsScan | ValuesScan {
	if (key !== undefined) return { ...scan, ...key };
	const { floor } = scan;
	const [changed, ceiling] = scan.kind === 'all' ? ['0', floor] : [scan.from, scan.ceiling];
	return { kind: 'values', floor, ceiling, behind: { changed, topic: '', kind: '', key: '' } };
}

/**
 * Returns the scan after a page of values.
 *
 * `behind` is the last value of the page; undefined after the last page.
 */
export function advanceValuesScan(scan: ValuesScan, behind: ValueKey | undefined): Scan {
	return behind === undefined ? { kind: 'ended', floor: scan.floor } : { ...scan, behind };
}

/** Returns a scan as a string for {@link parseScan}. */
export function formatScan(scan: Scan): string {
	const { kind, floor } = scan;
	switch (kind) {
		case 'all':
			return JSON.stringify([kind, floor, scan.until, scan.topic]);
		case 'changed':
			return JSON.stringify([kind, floor, scan.ceiling, scan.from, scan.changed, scan.topic]);
		case 'values': {
			const { behind } = scan;
			return JSON.stringify([kind, floor, scan.ceiling, behind.changed, behind.topic, behind.kind, behind.key]);
		}
		case 'ended':
			return JSON.stringify([kind, floor]);
	}
}

/** Returns the scan of a string; undefined for a string that no store wrote. */
export function parseScan(text: string): Scan | undefined {
	const [kind, floor = '', ...rest] = parseTexts(text);
	if (!isTransaction(floor)) return undefined;
	if (kind === 'ended' && rest.length === 0) return { kind, floor };
	if (kind === 'all' && rest.length === 2) {
		const [until, topic] = rest as [string, string];
		return { kind, floor, until, topic };
	}
	const [ceiling = '', second = '', third = '', ...names] = rest;
	if (!isTransaction(ceiling) || !isTransaction(second)) return undefined;
	if (kind === 'changed' && names.length === 1 && isTransaction(third)) {
		return { kind, floor, ceiling, from: second, changed: third, topic: names[0] as string };
	}
	if (kind !== 'values' || names.length !== 2) return undefined;
	const [name, key] = names as [string, string];
	return { kind, floor, ceiling, behind: { changed: second, topic: third, kind: name, key } };
}

function parseTexts(text: string): string[] {
	try {
		const parts: unknown = JSON.parse(text);
		return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : [];
	} catch {
		return [];
	}
}

/** Returns whether PostgreSQL reads it as a transaction number: 19 digits always fit into 64 bits. */
function isTransaction(text: string): boolean {
	return /^\d{1,19}$/.test(text);
}
