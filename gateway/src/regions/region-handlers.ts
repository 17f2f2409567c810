import type { TopicStore } from '../cluster/rpc/topic-store.ts';
import { type Clock, REAL_CLOCK } from '../runtime/clock.ts';
import type { TimelinePage, TimelineRange } from '../state/timeline.ts';
import type { Updates } from '../state/update.ts';
import type { LogPage } from '../store/log-store.ts';
import type { Changes, Position } from '../store/store.ts';
import { checkUpdates } from './region-auth.ts';
import type { ReplicationState } from './replication-state.ts';
import type { Replicator } from './replicator.ts';

export interface RegionHandlersOptions {
	readonly region: string;
	readonly replication: ReplicationState;
	readonly replicator: Pick<Replicator, 'take'>;
	/** The store of this region. */
	readonly store: Pick<TopicStore, 'changes' | 'events' | 'timeline'>;
	readonly clock?: Pick<Clock, 'wallTime'>;
}

/** Carries out the requests of admitted regions, on a dispatcher. */
export interface RegionHandlers {
	/** Takes a relay. Throws a {@link Rejection} unless all of it is the region's own, in a valid epoch. */
	relay(region: string, updates: Updates, greeting: boolean): void;
	changes(since: Position | undefined, limit: number): Promise<Changes>;
	/** Resolves with a page of the log that the store of this region wrote. */
	events(topic: string, after: number, limit: number): Promise<LogPage>;
	/** Resolves with a page of a timeline that the store of this region counted. */
	timeline(range: TimelineRange): Promise<TimelinePage>;
}

export function createRegionHandlers(options: RegionHandlersOptions): RegionHandlers {
	const { region: own, replication, replicator, store, clock = REAL_CLOCK } = options;
	return {
		relay(region, updates, greeting) {
			// A known epoch is valid, also when the clock of this node is behind it.
			checkUpdates(region, updates, Math.max(clock.wallTime(), replication.epochs.get(region) ?? 0));
			replicator.take(region, updates, greeting);
		},
		changes: store.changes,
		events: (topic, after, limit) => store.events(topic, own, after, limit),
		timeline: store.timeline,
	};
}
