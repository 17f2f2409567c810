import { createConnection } from './connection.ts';
import type { Connection, ConnectionOptions } from './connection-options.ts';

/**
 * A connection whose stream all tabs of a user share: browsers open six connections to a host, all their tabs together. What
 * does so is loaded first.
 */
export function createSharedConnection(options: ConnectionOptions): Connection {
	if (typeof document !== 'object') return createConnection(options);
	const { closing, onState } = options;
	const wanted = new Set<string>();
	let inner: Connection | undefined;
	let isLeft = false;

	/** Loads what shares a stream, where the browser can do that. */
	async function load(): Promise<void> {
		const canShare = 'BroadcastChannel' in globalThis && globalThis.navigator?.locks;
		const [{ connectPage }, tabs] = await Promise.all([
			import('./parts.ts'),
			canShare ? import('./tabs/tab-connection.ts') : undefined,
		]);
		return connectPage(options, createConnection, use, tabs);
	}

	function use(connection: Connection): void {
		inner = connection;
		if (closing.aborted) {
			inner.close();
			return;
		}
		for (const name of wanted) inner.follow(name);
		if (isLeft) inner.suspend();
	}

	// Without it, or without a token, the page is on its own, and its connection says what is wrong.
	load().catch(() => use(createConnection(options)));

	return {
		get state() {
			return inner?.state ?? (closing.aborted ? 'closed' : 'connecting');
		},
		get gateway() {
			return inner?.gateway ?? 0;
		},
		follow(name) {
			wanted.add(name);
			inner?.follow(name);
		},
		unfollow(name) {
			wanted.delete(name);
			inner?.unfollow(name);
		},
		resume() {
			isLeft = false;
			inner?.resume();
		},
		suspend() {
			isLeft = true;
			inner?.suspend();
		},
		close() {
			if (inner === undefined) onState('closed');
			else inner.close();
		},
	};
}
