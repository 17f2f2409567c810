import { describe, expect, it } from 'vitest';
import { serveClient } from '../testing/client-test.ts';
import { eventually } from '../testing/stream-server.ts';

const connect = serveClient();

describe('presence', () => {
	it('is known of those that were asked for, as the gateway says it', async () => {
		const { live, stream, isLive } = await connect();
		const people = live.presence(['ann', 'bob']);
		const others = live.presence(['bob']);
		const heard: unknown[] = [];
		people.on('presence', (event) => heard.push(event));
		await isLive();
		stream().send('presence', { user: 'ann', online: true, lastSeen: 5 });
		stream().send('presence', { user: 'bob', online: false, lastSeen: null });
		await eventually(() => expect(heard).toHaveLength(2));
		expect(people.users).toEqual({ ann: { online: true, lastSeen: 5 }, bob: { online: false, lastSeen: null } });
		expect(others.users).toEqual({ bob: { online: false, lastSeen: null } });
		// React compares snapshots by identity.
		const { users } = people;
		expect(people.users).toBe(users);
		stream().send('presence', { user: 'bob', online: true, lastSeen: 6 });
		await eventually(() => expect(people.users).not.toBe(users));
		// Known at once by who asks later in the same turn, after the last handle was closed, too.
		people.close();
		expect(live.presence(['ann']).users).toEqual({ ann: { online: true, lastSeen: 5 } });
	});
});
