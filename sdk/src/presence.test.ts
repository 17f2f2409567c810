import { describe, expect, it } from 'vitest';
import { serveClient } from '../testing/client-test.ts';
import { eventually } from '../testing/stream-server.ts';

const connect = serveClient();

describe('presence', () => {
	it('shows the users of its own handle, in the states that the gateway sent', async () => {
		const { live, stream, isLive } = await connect();
		const presence = live.presence(['ann', 'bob']);
		const others = live.presence(['bob']);
		const received: unknown[] = [];
		presence.on('presence', (event) => received.push(event));
		await isLive();
		stream().send('presence', { user: 'ann', online: true, lastSeen: 5 });
		stream().send('presence', { user: 'bob', online: false, lastSeen: null });
		await eventually(() => expect(received).toHaveLength(2));
		expect(presence.users).toEqual({ ann: { online: true, lastSeen: 5 }, bob: { online: false, lastSeen: null } });
		expect(others.users).toEqual({ bob: { online: false, lastSeen: null } });
		// React compares snapshots by identity.
		const { users } = presence;
		expect(presence.users).toBe(users);
		stream().send('presence', { user: 'bob', online: true, lastSeen: 6 });
		await eventually(() => expect(presence.users).not.toBe(users));
		// A handle that opens later in the same turn knows it at once, even after the last handle closed.
		presence.close();
		expect(live.presence(['ann']).users).toEqual({ ann: { online: true, lastSeen: 5 } });
	});
});
