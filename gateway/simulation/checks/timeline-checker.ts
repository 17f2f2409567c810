import { addTotals, type Totals } from '@likewire/protocol';
import { totalsOf } from '../../src/state/counters.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import { sameTotals } from '../workload/viewer.ts';

/** A second after all times of a schedule. */
const END = Number.MAX_SAFE_INTEGER;

/**
 * Returns which timeline of a store does not add up to what the store counted itself, or has a second
 * with fewer likes than none; undefined when all are right.
 */
export function wrongTimeline(store: SimulatedStore, videos: readonly string[]): string | undefined {
	const known = store.read(videos.map(videoTopic));
	for (const video of videos) {
		const topic = videoTopic(video);
		const own = known.get(topic)?.[store.region];
		const totals = totalsOf(own === undefined ? {} : { [store.region]: own });
		let sum: Totals = {};
		for (let from: number | null = 0; from !== null; ) {
			const page = store.timeline({ topic, from, to: END, step: 1 });
			for (const [second, counts] of page.steps) {
				const taken = Object.entries(counts).find(([, count]) => count < 0);
				if (taken !== undefined) return `the timeline of ${video} in ${store.region} has at ${second}: ${taken}`;
				sum = addTotals(sum, counts);
			}
			from = page.next;
		}
		if (sameTotals(sum, totals)) continue;
		return `the timeline of ${video} in ${store.region} adds up to ${JSON.stringify({ sum, totals })}`;
	}
	return undefined;
}
