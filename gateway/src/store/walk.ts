/** Behind which row of a store's totals a page begins. */
export interface RowKey {
	readonly video: string;
	readonly type: string;
}

/** The same among changes. */
export interface ChangeKey extends RowKey {
	/** The number of the transaction that changed the row last. */
	readonly changed: string;
}

/** Where a walk is that began now. Transactions go by numbers, which are kept as texts of digits. */
export interface Start {
	/** The first transaction that may have changed what this walk does not see. */
	readonly floor: string;
	/** The first that was yet to begin. */
	readonly ceiling: string;
	/** The last video. */
	readonly until: string;
}

/**
 * Where a walk through the rows of a store stands. What there is to walk through is settled when it begins, so it comes to an end however
 * much is written meanwhile; what that changes is told by the next walk, which begins at the `floor` of this one.
 *
 * One through `all` rows goes by their keys, which never change: whatever was there when it began has been told at its
 * end, and nothing else of what a store with a lower epoch said is true. One through what `changed` leaves out what is
 * changed while it is under way.
 */
export type Walk =
	| ({ readonly kind: 'all' } & Pick<Start, 'floor' | 'until'> & RowKey)
	| ({ readonly kind: 'changed' } & Pick<Start, 'floor' | 'ceiling'> & ChangeKey)
	| ({ readonly kind: 'ended' } & Pick<Start, 'floor'>);

/** A walk that is under way. */
export type OpenWalk = Exclude<Walk, { readonly kind: 'ended' }>;

/** The walk that goes on from where one stands; one through all rows when none does. */
export function goOn(walk: Walk | undefined, { floor, ceiling, until }: Start): OpenWalk {
	// Nothing sorts before the empty text.
	const first: RowKey = { video: '', type: '' };
	if (walk === undefined) return { kind: 'all', floor, until, ...first };
	if (walk.kind === 'ended') {
		return { kind: 'changed', floor, ceiling, changed: /* mutant: begins-where-walk-began */ walk.floor, ...first };
	}
	return walk;
}

/** Where the walk stands after a page that ended with a key; undefined when it was the last one. */
export function reach(walk: OpenWalk, key: (RowKey & Partial<ChangeKey>) | undefined): Walk {
	return key === undefined ? { kind: 'ended', floor: walk.floor } : { ...walk, ...key };
}

export function formatWalk(walk: Walk): string {
	const { kind, floor } = walk;
	switch (kind) {
		case 'all':
			return JSON.stringify([kind, floor, walk.until, walk.video, walk.type]);
		case 'changed':
			return JSON.stringify([kind, floor, walk.ceiling, walk.changed, walk.video, walk.type]);
		case 'ended':
			return JSON.stringify([kind, floor]);
	}
}

/** Undefined for a text that no store wrote. */
export function parseWalk(text: string): Walk | undefined {
	const [kind, floor = '', ...rest] = parseTexts(text);
	if (!isTransaction(floor)) return undefined;
	if (kind === 'ended' && rest.length === 0) return { kind, floor };
	if (kind === 'all' && rest.length === 3) {
		const [until, video, type] = rest as [string, string, string];
		return { kind, floor, until, video, type };
	}
	if (kind === 'changed' && rest.length === 4) {
		const [ceiling, changed, video, type] = rest as [string, string, string, string];
		if (isTransaction(ceiling) && isTransaction(changed)) return { kind, floor, ceiling, changed, video, type };
	}
	return undefined;
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
