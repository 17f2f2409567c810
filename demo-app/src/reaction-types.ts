/** The default reactions of a gateway. */
export const REACTIONS = [
	{ type: 'heart', label: 'Heart' },
	{ type: 'like', label: 'Like' },
	{ type: 'clap', label: 'Clap' },
	{ type: 'laugh', label: 'Laugh' },
	{ type: 'wow', label: 'Wow' },
] as const;

export type Counts = Readonly<Record<string, number>>;

/** Returns the sum of all counts. */
export function sum(counts: Counts): number {
	return Object.values(counts).reduce((total, count) => total + count, 0);
}

const number = new Intl.NumberFormat('en');

/** Formats a count: `1,204`. */
export function formatCount(count: number): string {
	return number.format(count);
}

/** Describes totals: `1,204 reactions: Heart 1,200, Wow 4`. */
export function describeTotals(totals: Counts): string {
	const kinds = REACTIONS.filter(({ type }) => totals[type]).map(
		({ type, label }) => `${label} ${formatCount(totals[type] ?? 0)}`,
	);
	const total = sum(totals);
	const words = `${formatCount(total)} ${total === 1 ? 'reaction' : 'reactions'}`;
	return kinds.length > 0 ? `${words}: ${kinds.join(', ')}` : words;
}

/** Describes the change of a delivery: `+3 Heart, +1 Wow`. */
export function describeDelta(delta: Counts): string {
	const changes = Object.entries(delta).filter(([, count]) => count !== 0);
	return changes
		.map(([type, count]) => {
			const label = REACTIONS.find((reaction) => reaction.type === type)?.label ?? type;
			return `${count > 0 ? '+' : '−'}${formatCount(Math.abs(count))} ${label}`;
		})
		.join(', ');
}
