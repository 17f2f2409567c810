/** Behind a change: the number of its transaction, and which of its rows. */
export interface ChangeKey {
	readonly changed: number;
	readonly video: string;
	readonly type: string;
}

/** Before every change. */
export const BEGINNING: ChangeKey = { changed: -1, video: '', type: '' };

export function formatChangeKey({ changed, video, type }: ChangeKey): string {
	return JSON.stringify([changed, video, type]);
}

/** The key that a text names; the beginning when it names none, so that nothing is missed. */
export function parseChangeKey(text: string): ChangeKey {
	let parts: unknown;
	try {
		parts = JSON.parse(text);
	} catch {
		return BEGINNING;
	}
	if (!Array.isArray(parts)) return BEGINNING;
	const [changed, video, type] = parts as unknown[];
	if (!Number.isSafeInteger(changed) || typeof video !== 'string' || typeof type !== 'string') return BEGINNING;
	return { changed: changed as number, video, type };
}
