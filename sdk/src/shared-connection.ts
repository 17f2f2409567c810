import { createConnection } from './connection.ts';
import type { Connection, ConnectionOptions } from './connection-options.ts';

/**
 * Creates a connection whose stream all tabs of a user share; it loads the sharing first.
 * Browsers open at most 6 connections to a host for all their tabs together.
 */
export function createSharedConnection(options: ConnectionOptions): Connection {
	if (typeof document !== 'object') return createConnection(options);
	const { closing, onState } = options;
	const wanted = new Set<string>();
	let inner: Connection | undefined;
	let isLeft = false;

	/** Loads the sharing of a stream, where the browser supports it. */
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

	// Without the script or a token, the page opens its own stream, whose connection reports the error.
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
