import type { Client, Presence } from '@likewire/sdk';

/** The limit of followed authors: one stream follows at most 100 topics, and this page needs some for others. */
const MAX_AUTHORS = 60;
/** The wait after scrolling before the authors change, in milliseconds. */
const SETTLE_MS = 400;

/** The presence of the authors of visible comments. */
export interface AuthorPresence {
	isOnline(user: string): boolean;
	see(users: readonly string[]): void;
}

export function followAuthors(live: Client, maySee: (user: string) => boolean, onChange: () => void): AuthorPresence {
	let presence: Presence | undefined;
	let followed = '';
	let timer: ReturnType<typeof setTimeout> | undefined;

	function follow(users: readonly string[]): void {
		const next = [...users].sort().join(' ');
		if (next === followed || live.state === 'closed') return;
		followed = next;
		const before = presence;
		presence = live.presence(users);
		presence.on('presence', onChange);
		// Closed after the next one opened, so that authors in both stay followed.
		before?.close();
		onChange();
	}

	return {
		isOnline: (user) => presence?.users[user]?.online ?? false,
		see(users) {
			const wanted = [...new Set(users)].filter(maySee).slice(-MAX_AUTHORS);
			clearTimeout(timer);
			timer = setTimeout(follow, SETTLE_MS, wanted);
		},
	};
}
