import type { Client, Presence } from '@likewire/sdk';

/** A client follows a hundred things at the most, and this page follows others, too. */
const MOST = 60;
/** Rows fly by while somebody scrolls: who is there is asked of those that they come to rest at. */
const REST_MS = 400;

/** Whether people are there, of those whose comments are seen. */
export interface SeenPeople {
	isOnline(user: string): boolean;
	see(users: readonly string[]): void;
}

export function followSeenPeople(live: Client, maySee: (user: string) => boolean, onChange: () => void): SeenPeople {
	let people: Presence | undefined;
	let followed = '';
	let timer: ReturnType<typeof setTimeout> | undefined;

	function follow(users: readonly string[]): void {
		const next = [...users].sort().join(' ');
		if (next === followed || live.state === 'closed') return;
		followed = next;
		const before = people;
		people = live.presence(users);
		people.on('presence', onChange);
		// After the next one was opened: who is in both stays followed.
		before?.close();
		onChange();
	}

	return {
		isOnline: (user) => people?.users[user]?.online ?? false,
		see(users) {
			const wanted = [...new Set(users)].filter(maySee).slice(-MOST);
			clearTimeout(timer);
			timer = setTimeout(follow, REST_MS, wanted);
		},
	};
}
