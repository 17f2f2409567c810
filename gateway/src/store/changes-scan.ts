/** Behind which topic a page begins. */
export interface RowKey {
	readonly topic: string;
}

/** The same among changes. */
export interface ChangeKey extends RowKey {
	/** The number of the transaction that changed the topic last. */
	readonly changed: string;
}

/** Behind which value a page begins. */
export interface ValueKey {
	readonly changed: string;
	readonly topic: string;
	readonly kind: string;
	readonly key: string;
}

/** Where a walk is that began now. Transactions go by numbers, which are kept as texts of digits. */
export interface Start {
	/** The first transaction that may have changed what this walk does not see. */
	readonly floor: string;
	/** The first that was yet to begin. */
	readonly ceiling: string;
	/** The last topic. */
	readonly until: string;
}

/**
 * Where a walk through a store stands: first through its rows, then through its values. What there is to walk through is
 * settled when it begins, so it comes to an end however much is written meanwhile; what that changes is in the next walk,
 * which begins at the `floor` of this one.
 *
 * One through `all` rows goes by their keys, which never change: whatever was there when it began has been sent at its
 * end, and nothing else of what a store with a lower epoch said is true. One through what `changed` since a transaction
 * (`from`), and the one through `values` that follows either, leave out what is changed while they are under way.
 */
export type Scan =
	| ({ readonly kind: 'all' } & Pick<Start, 'floor' | 'until'> & RowKey)
	| ({ readonly kind: 'changed'; readonly from: string } & Pick<Start, 'floor' | 'ceiling'> & ChangeKey)
	| ({ readonly kind: 'values'; readonly behind: ValueKey } & Pick<Start, 'floor' | 'ceiling'>)
	| ({ readonly kind: 'ended' } & Pick<Start, 'floor'>);

/** A walk through rows that is under way. */
export type RowsScan = Extract<Scan, { readonly kind: 'all' | 'changed' }>;

/** One through values. */
export type ValuesScan = Extract<Scan, { readonly kind: 'values' }>;

/** The walk that goes on from where one stands; one through all rows when none does. */
export function goOn(walk: Scan | undefined, { floor, ceiling, until }: Start): RowsScan | ValuesScan {
	// Nothing sorts before the empty text.
	const first: RowKey = { topic: '' };
	if (walk === undefined) return { kind: 'all', floor, until, ...first };
	if (walk.kind === 'ended') {
		const from = /* mutant: begins-where-walk-began */ walk.floor;
		return { kind: 'changed', floor, ceiling, from, changed: from, ...first };
	}
	return walk;
}

/** Where the walk stands after a page of rows that ended with a key; undefined when it was the last one. */
export function reach(walk: RowsScan, key: (RowKey & Partial<ChangeKey>) | undefined): RowsScan | ValuesScan {
	if (key !== undefined) return { ...walk, ...key };
	const { floor } = walk;
	const [changed, ceiling] = walk.kind === 'all' ? ['0', floor] : [walk.from, walk.ceiling];
	return { kind: 'values', floor, ceiling, behind: { changed, topic: '', kind: '', key: '' } };
}

/** The same after a page of values. */
export function reachValue(walk: ValuesScan, behind: ValueKey | undefined): Scan {
	return behind === undefined ? { kind: 'ended', floor: walk.floor } : { ...walk, behind };
}

export function formatScan(walk: Scan): string {
	const { kind, floor } = walk;
	switch (kind) {
		case 'all':
			return JSON.stringify([kind, floor, walk.until, walk.topic]);
		case 'changed':
			return JSON.stringify([kind, floor, walk.ceiling, walk.from, walk.changed, walk.topic]);
		case 'values': {
			const { behind } = walk;
			return JSON.stringify([kind, floor, walk.ceiling, behind.changed, behind.topic, behind.kind, behind.key]);
		}
		case 'ended':
			return JSON.stringify([kind, floor]);
	}
}

/** Undefined for a text that no store wrote. */
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

/** Whether PostgreSQL can read it as the number of a transaction: 64 bits, of which a digit fewer is always enough. */
function isTransaction(text: string): boolean {
	return /^\d{1,19}$/.test(text);
}
