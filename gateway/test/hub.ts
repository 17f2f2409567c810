import { Hub, type HubOptions } from '../src/frontend/connections/hub.ts';
import { byeFrame } from '../src/http/stream/stream-close.ts';
import type { CounterRows } from '../src/state/counters.ts';
import type { Update } from '../src/state/update.ts';
import { FakeViewer } from './fake-viewer.ts';

/** The topic of updates and viewers that name no other. */
export const TOPIC = 'video:v1';

/** The window of a hub, in milliseconds. */
export const WINDOW_MS = 50;

/** Returns a hub without connections. */
export function makeHub(options: Partial<HubOptions> = {}): Hub {
	return new Hub({
		windowMs: WINDOW_MS,
		commentsPerSecond: 0,
		heartbeatMs: 15_000,
		blockedTimeoutMs: 30_000,
		lifetimeBye: () => byeFrame({ reason: 'lifetime', retryMs: 777 }),
		onCount: () => undefined,
		onUser: () => undefined,
		...options,
	});
}

/** Returns rows with hearts of one store. */
export function hearts(added: number, removed = 0): CounterRows {
	return { s: { epoch: 1, counts: { heart: [added, removed] } } };
}

/** Gives the hub an update of a topic. */
export function deliver(hub: Hub, rows: CounterRows, more: Partial<Update> = {}, topic = TOPIC): void {
	hub.topics.deliver(new Map([[topic, { rows, complete: true, sample: [], at: 0, ...more }]]));
}

/** Returns a new viewer that follows topics, or TOPIC. */
export function viewerOf(hub: Hub, id: string, now = 0, ...topics: string[]): FakeViewer {
	const made = new FakeViewer(hub, id, { now });
	for (const topic of topics.length === 0 ? [TOPIC] : topics) hub.subscribe(made.connection, topic, now);
	return made;
}
