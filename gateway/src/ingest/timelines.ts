import { type HighlightsAnswer, MAX_HIGHLIGHTS, MAX_TIMELINE_POINTS, type TimelineAnswer } from '@likewire/protocol';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { type Clock, REAL_CLOCK } from '../runtime/clock.ts';
import { type CounterRows, NO_LIKES, totalsOf } from '../state/counters.ts';
import { mergeTimelines, type TimelinePage, type TimelineRange, type TimelineStep } from '../state/timeline.ts';
import { videoTopic } from '../state/topics/topic.ts';
import type { Store } from '../store/store.ts';
import { findHighlights, HIGHLIGHT_STEP } from './highlights.ts';
import { ReadQueue } from './read-queue.ts';
import { SingleFlight } from './single-flight.ts';
import type { StoreHealth } from './store-health.ts';

/** How long callers share an answer, in milliseconds, as caches do. */
const SHARED_MS = 1_000;

/** How long callers share the highlights of a large video, in milliseconds: they cost a read of its last day. */
const SHARED_HIGHLIGHTS_MS = 10_000;

/** A video whose answer has more points is large: a like does not end the time for which callers share the answer. */
const LARGE_POINTS = 300;

/** The most videos that are known to be large. */
const MAX_LARGE = 10_000;

/** The time before the newest reaction that has highlights, in seconds. */
const HIGHLIGHTS_SECONDS = 86_400;

/** The time in which a region has to send all pages of its part, in milliseconds. */
const REGION_MS = 4_000;

/** A Unix second after all times of JavaScript. */
const END_OF_TIME = 8_640_000_000_001;

/** The other regions, each of which counts its own likes. */
export interface RemoteTimelines {
	readonly regions: readonly string[];
	/** Resolves with a page of the timeline that a region counted. Rejects when it does not answer in time. */
	timeline(region: string, range: TimelineRange): Promise<TimelinePage>;
}

/** The cluster has one region. */
export const NO_OTHER_REGIONS: RemoteTimelines = {
	regions: [],
	timeline: () => Promise.reject(new Error('the cluster has no other region')),
};

export interface TimelinesOptions {
	readonly store: Pick<Store, 'timeline' | 'read'>;
	readonly health: StoreHealth;
	readonly remote?: RemoteTimelines;
	readonly clock?: Pick<Clock, 'now'>;
}

/** The part of a timeline that a caller asks for. Its ends are multiples of the step. */
export interface TimelineQuery extends Pick<TimelineRange, 'step'> {
	readonly from?: number | undefined;
	readonly to?: number | undefined;
}

/** Reads of timelines, over all regions. Every method rejects with a {@link GatewayError}. */
export interface Timelines {
	/** Resolves with a page; see {@link TimelineAnswer}, whose step is the text of the request. */
	page(video: string, query: TimelineQuery): Promise<Omit<TimelineAnswer, 'step'>>;
	/** Resolves with the times with the most reactions in the day before the newest one. */
	highlights(video: string, count: number): Promise<HighlightsAnswer>;
	/** Notes a like on this node: later reads of a video that is not large include it. */
	changed(video: string): void;
}

/** A part of a timeline that a region did or did not send. */
type Part<Value> = { readonly region: string; readonly value: Value | undefined };

export function createTimelines(options: TimelinesOptions): Timelines {
	const { store, health, remote = NO_OTHER_REGIONS, clock = REAL_CLOCK } = options;
	const queue = new ReadQueue();
	const pages = new SingleFlight<Omit<TimelineAnswer, 'step'>>();
	const highlights = new SingleFlight<HighlightsAnswer>();
	const large = new BoundedMap<string, true>(MAX_LARGE);

	const own = (range: TimelineRange) => queue.run(() => store.timeline(range)).catch(failed);

	function failed(cause: unknown): never {
		throw health.failed(cause);
	}

	/** Resolves with what `ask` finds in this region and in each other; with the names of those that do not answer. */
	async function everywhere<Value>(
		ask: (timeline: (range: TimelineRange) => Promise<TimelinePage>) => Promise<Value>,
	): Promise<{ readonly values: readonly Value[]; readonly missing: readonly string[] }> {
		const others = remote.regions.map(
			async (region): Promise<Part<Value>> => ({
				region,
				value: await ask((range) => remote.timeline(region, range)).catch(() => undefined),
			}),
		);
		const [value, ...parts] = await Promise.all([ask(own), ...others]);
		return {
			values: [value, ...parts.flatMap((part) => part.value ?? [])],
			missing: parts.flatMap((part) => (part.value === undefined ? part.region : [])).sort(),
		};
	}

	async function readPage(video: string, { step, from = 0, to = END_OF_TIME }: TimelineQuery) {
		const topic = videoTopic(video);
		const range = { topic, from, to, step };
		let rows: ReadonlyMap<string, CounterRows> = new Map();
		const { values, missing } = await everywhere(async (timeline) => {
			if (timeline !== own) return timeline(range);
			const asked = queue.run(() => Promise.all([store.timeline(range), store.read([topic])]));
			// Read together, so that no like of this region is in one of them only.
			const [page, known] = await asked.catch(failed);
			rows = known;
			return page;
		});
		const { steps, next } = mergeTimelines(values, MAX_TIMELINE_POINTS);
		const totals = totalsOf(rows.get(topic) ?? NO_LIKES);
		const types = [...new Set([...Object.keys(totals), ...steps.flatMap(([, counts]) => Object.keys(counts))])].sort();
		if (steps.length > LARGE_POINTS) large.set(video, true);
		return {
			video,
			types,
			points: steps.map(([second, counts]) => [second * 1_000, ...types.map((type) => counts[type] ?? 0)] as const),
			totals,
			missing,
			next: next === null ? null : next * 1_000,
		};
	}

	async function readHighlights(video: string, count: number): Promise<HighlightsAnswer> {
		const topic = videoTopic(video);
		const startedAt = clock.now();
		const { values: ends, missing: silent } = await everywhere((timeline) =>
			timeline({ topic, from: END_OF_TIME, to: END_OF_TIME, step: HIGHLIGHT_STEP }),
		);
		const { newest } = mergeTimelines(ends, 0);
		if (newest === null) return { video, highlights: [], missing: silent };
		const to = newest - (newest % HIGHLIGHT_STEP) + HIGHLIGHT_STEP;
		const { values, missing } = await everywhere(async (timeline) => {
			const steps: TimelineStep[] = [];
			for (let from: number | null = Math.max(0, to - HIGHLIGHTS_SECONDS); from !== null; ) {
				if (timeline !== own && clock.now() > startedAt + REGION_MS) throw new Error('the region is too slow');
				const page: TimelinePage = await timeline({ topic, from, to, step: HIGHLIGHT_STEP });
				steps.push(...page.steps);
				from = page.next;
			}
			return { steps, next: null, newest };
		});
		const { steps } = mergeTimelines(values, Number.POSITIVE_INFINITY);
		if (steps.length > LARGE_POINTS) large.set(video, true);
		return {
			video,
			highlights: findHighlights(steps, count),
			missing: [...new Set([...silent, ...missing])].sort(),
		};
	}

	return {
		page(video, query) {
			const question = `${query.step} ${query.from ?? ''} ${query.to ?? ''}`;
			return pages.get(video, question, SHARED_MS, () => readPage(video, query));
		},
		async highlights(video, count) {
			const keepMs = large.has(video) ? SHARED_HIGHLIGHTS_MS : SHARED_MS;
			const all = await highlights.get(video, '', keepMs, () => readHighlights(video, MAX_HIGHLIGHTS));
			return { ...all, highlights: all.highlights.slice(0, count) };
		},
		changed(video) {
			if (large.has(video)) return;
			pages.forget(video);
			highlights.forget(video);
		},
	};
}
