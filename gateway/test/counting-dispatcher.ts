import { Router } from '../src/cluster/routing/router.ts';
import { Dispatch } from '../src/dispatcher/fan-out/dispatch.ts';
import { ViewerCounts } from '../src/dispatcher/fan-out/viewer-counts.ts';
import { RelayQueues } from '../src/regions/relay-queues.ts';
import type { Registers } from '../src/state/kinds/register.ts';
import type { Registrations } from '../src/state/topics/registration.ts';
import { type Update, type Updates, updateOfRegisters } from '../src/state/update.ts';
import { digestOf, registrationOf } from './registrations.ts';
import { viewOf } from './views.ts';

/** The frontends of the dispatcher. */
export const FRONTENDS = ['f1', 'f2', 'f3'];
/** Its view. */
export const view = viewOf({ dispatchers: ['d1'], frontends: FRONTENDS });
/** The difference of the wall clock to the monotonic clock, in milliseconds. */
export const EPOCH = 1_700_000_000_000;

/** A dispatcher of the region `eu`, and what it sends to frontends and to the region `us`. */
export class CountingDispatcher {
	readonly queues = new RelayQueues({ region: 'eu', others: ['us'], windowMs: 0, greets: false });
	readonly router = new Router('d1', 0, view, this.queues);
	readonly dispatch = new Dispatch({ self: 'd1', windowMs: 0, router: this.router, view });
	readonly counts = new ViewerCounts({
		region: 'eu',
		hasOtherRegions: true,
		dispatch: this.dispatch,
		relay: (updates) => this.router.relay(updates),
	});
	/** The error of the wall clock, in milliseconds. */
	skew = 0;
	#seq = 1;

	subscribe(message: Registrations, now: number): void {
		for (const topic of this.dispatch.subscribe(message, now).mismatched) this.counts.mismatch(topic);
	}

	/** Sends the digests of all frontends. */
	digests(now: number, topics: Readonly<Record<string, Readonly<Record<string, number>>>> = {}): void {
		for (const frontend of FRONTENDS) {
			const all = Object.entries(topics[frontend] ?? {}).map(([topic, count]) => registrationOf(topic, { count }));
			this.subscribe(digestOf(frontend, view.ring.view, ++this.#seq, [], { topics: all }), now);
		}
	}

	/** Sends the count of a frontend; undefined drops the topic. */
	registers(now: number, frontend: string, topic: string, count: number | undefined): void {
		const message = digestOf(frontend, view.ring.view, ++this.#seq, [], { digest: undefined });
		const topics = count === undefined ? [] : [registrationOf(topic, { count })];
		this.subscribe({ ...message, topics, dropped: count === undefined ? [topic] : [] }, now);
	}

	/** Takes a count of the region `us`. */
	receives(now: number, topic: string, count: number, order = EPOCH + now): void {
		const update = updateOfRegisters('viewers', { us: { order, value: count, from: 'us' } });
		this.dispatch.publishOwn(this.counts.receive(new Map([[topic, update]]), now));
	}

	/** Returns what leaves at this time, by receiver and topic. */
	run(now: number): Record<string, Record<string, Registers>> {
		this.counts.tick(now, EPOCH + now + this.skew);
		this.dispatch.fanOut(now);
		const all: [string, Updates][] = [];
		for (const batch of this.router.take(now)) {
			this.router.arrived(batch);
			all.push([batch.to, batch.updates]);
		}
		for (const relay of this.queues.take(now)) {
			this.queues.arrived(relay);
			all.push([relay.to, relay.updates]);
		}
		return Object.fromEntries(all.map(([to, updates]) => [to, countsIn(updates)]));
	}

	/** Runs every 250 ms until `until`. Returns what was sent, and when. */
	runUntil(from: number, until: number): { at: number; sent: Record<string, Record<string, Registers>> }[] {
		const all: { at: number; sent: Record<string, Record<string, Registers>> }[] = [];
		for (let now = from; now <= until; now += 250) {
			const sent = this.run(now);
			if (Object.keys(sent).length > 0) all.push({ at: now, sent });
		}
		return all;
	}
}

function countsIn(updates: ReadonlyMap<string, Update>): Record<string, Registers> {
	return Object.fromEntries([...updates].map(([topic, { values }]) => [topic, values?.viewers ?? {}]));
}
