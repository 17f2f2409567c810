import { expect } from 'vitest';
import type { View } from '../src/cluster/membership/view.ts';
import type { PeerBatch } from '../src/cluster/routing/batch-queue.ts';
import { Router } from '../src/cluster/routing/router.ts';
import type { Update, Updates } from '../src/state/update.ts';
import { topicOf, viewOf } from './views.ts';

/** The window of a router, in milliseconds. */
export const WINDOW_MS = 10;

/** The frontends of the view. */
export const FRONTENDS = ['f1', 'f2'];

/** The view of a router at its start. */
export const view = viewOf({ dispatchers: ['d1', 'd2', 'd3'], frontends: FRONTENDS });

/** A topic of each dispatcher. The router runs on d1. */
export const [OWN, OTHERS, THIRDS] = [topicOf(view, 'd1'), topicOf(view, 'd2'), topicOf(view, 'd3')];

/** Returns an update with hearts of one store. */
export const likes = (added: number): Update => ({
	rows: { s: { epoch: 1, counts: { heart: [added, 0] } } },
	complete: false,
	sample: [],
	at: added,
});

/** Returns an update of one topic. */
export const batch = (topic: string, added: number) => new Map([[topic, likes(added)]]);

/** Returns the hearts of a topic in a batch; undefined without the topic. */
export const hearts = (sentBatch: PeerBatch | undefined, topic: string) =>
	sentBatch?.updates.get(topic)?.rows.s?.counts.heart?.[0];

/** Starts a router on d1. Returns it with what it gives to its node. */
export function startRouter(first: View = view) {
	const here: { published: Updates[]; delivered: Updates[]; views: View[] } = {
		published: [],
		delivered: [],
		views: [],
	};
	const router = new Router('d1', WINDOW_MS, first);
	router.start({
		publish: (updates) => here.published.push(updates),
		deliver: (updates) => here.delivered.push(updates),
		onView: (next) => here.views.push(next),
	});
	return { router, here };
}

/** Takes the batches that leave, by receiver; no node gets two. */
export function take(router: Router, now: number): Map<string, PeerBatch> {
	const batches = router.take(now);
	const byNode = new Map(batches.map((sentBatch) => [sentBatch.to, sentBatch]));
	expect(byNode.size).toBe(batches.length);
	return byNode;
}

/** Takes the only batch that leaves. */
export function takeOne(router: Router, now: number): PeerBatch {
	const [sentBatch, ...others] = router.take(now);
	expect(others).toEqual([]);
	return sentBatch as PeerBatch;
}
