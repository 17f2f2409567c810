// Node 20 has no EventSource, and without one a connection opens no stream.
import '../testing/stream-server.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConnection } from './connection.ts';
import type { Connection } from './connection-options.ts';
import { LikewireError } from './errors.ts';
import { createIdentity } from './identity.ts';
import type { TransportHandlers } from './transport.ts';

const HELLO = JSON.stringify({ connection: 'c', region: 'eu', heartbeatMs: 15_000 });
const BROKEN = new LikewireError('network', 'The stream broke.', { retryable: true });

describe('the waits of a connection', () => {
	let connection: Connection;
	let transport: TransportHandlers;

	beforeEach(() => {
		vi.useFakeTimers();
		const ignore = () => {};
		connection = createConnection({
			urls: ['http://127.0.0.1:1'],
			identity: createIdentity({ token: undefined, user: 'ann' }),
			closing: new AbortController().signal,
			transport: {
				missing: () => undefined,
				open(handlers) {
					transport = handlers;
					return { fail: ignore, close: ignore };
				},
			},
			onState: ignore,
			onOpen: ignore,
			onEvent: ignore,
			cursorOf: () => undefined,
			onError: ignore,
			onRefused: ignore,
			onSettle: ignore,
		});
	});
	afterEach(() => {
		connection.close();
		vi.useRealTimers();
	});

	/** Breaks a stream that lived for a time; returns the longest wait before the next attempt. */
	function breakAfter(liveMs: number): number {
		transport.onMessage('hello', HELLO, undefined);
		vi.advanceTimersByTime(liveMs);
		return transport.onDown(BROKEN);
	}

	it('do not grow on a network that flaps, as each stream outlives the wait before it', () => {
		expect(Array.from({ length: 5 }, () => breakAfter(600))).toEqual([500, 500, 500, 500, 500]);
	});

	it('grow while streams break at once', () => {
		expect(Array.from({ length: 4 }, () => breakAfter(0))).toEqual([500, 1_000, 2_000, 4_000]);
	});

	it('grow while no stream opens, and restart after a good one', () => {
		expect(Array.from({ length: 3 }, () => transport.onDown(BROKEN))).toEqual([500, 1_000, 2_000]);
		expect(breakAfter(2_000)).toBe(500);
	});
});
