import { TYPING_MS } from '@likewire/protocol';
import { running, unsettled } from '../checks/cluster-checker.ts';
import { Clock } from '../engine/clock.ts';
import { Counts } from '../engine/counts.ts';
import { FAIR, Network } from '../engine/network.ts';
import { Random } from '../engine/random.ts';
import { Violation } from '../engine/violation.ts';
import { LOOK_MS, waitForCalm } from '../faults/calm.ts';
import { RegionFaults } from '../faults/region-faults.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import { pickSignalNode, setBack } from '../node/signal-nodes.ts';
import { LogHistories } from '../store/log-history.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { Likers } from '../workload/likers.ts';
import { type SignalSession, SignalWatchers } from '../workload/signal-watchers.ts';
import { type Accepted, AGREED_MS, type Register, Signallers } from '../workload/signallers.ts';
import { openRegion, type Region } from './open-region.ts';
import { runSchedule } from './run-schedule.ts';
import type { Summary } from './summary.ts';

const REGIONS = ['us', 'eu', 'ap'];
const VIDEOS = ['v1'];

/** The number of viewers of signals in each region. */
const VIEWERS = 3;

/** The latest time of a fault, and the time in which clients send signals, in milliseconds. */
const LAST_FAULT_MS = 8_000;
const SIGNALS_MS = 10_000;

/** The times by which clocks are ahead at the start, and by which they are set back, in milliseconds. */
const AHEAD_MS = [0, 60_000, 86_400_000];
const BACK_MS = [1_000, 60_000, 3_600_000, 86_400_000];

/** Where nothing fails, a viewer in the region of a signal has it within this time, in milliseconds. */
const SENT_MS = 900;
/** The same where dispatchers are gone for good: a node may have to wait for two of them first. */
const SENT_BY_OTHERS_MS = 5_200;

/** Where nothing failed for this long, in milliseconds, the dispatchers know all viewers. */
const QUIET_MS = 3_000;

/** After the last fault, clusters settle and links bring what waited within this time, in milliseconds. */
const SETTLED_MS = 20_000;

/** The time for which all must be settled before the last signals, in milliseconds. */
const CALM_MS = AGREED_MS + 500;

/** A region, the viewers of its signals, and when something last failed in it. */
interface Place {
	readonly region: Region;
	readonly watchers: SignalWatchers;
	failedAt: number;
}

/**
 * Runs one schedule of users that type and servers that publish signals in two or three regions, while
 * nodes and links fail and clocks are set back by up to a day. The seed decides all of it. Rejects with a
 * {@link Violation} when a viewer that follows without a fault does not get a signal that a node took,
 * when an older signal comes after a later one or hides it, when a user types for ever, or when at the
 * end a viewer does not have the newest signal of each register.
 */
export function simulateSignals(seed: number): Promise<Summary> {
	const random = new Random(seed);
	const logs = new LogHistories();
	const stores = REGIONS.slice(0, random.chance(0.25) ? 3 : 2).map((region) => new SimulatedStore(region, logs));
	return runSchedule(`seed ${seed} of signals`, stores, () => new SignalSchedule(random, stores, logs).run());
}

class SignalSchedule {
	readonly #clock = new Clock();
	readonly #random: Random;
	readonly #counts = new Counts();
	readonly #links: Network;
	readonly #nodesFail: boolean;
	readonly #places = new Map<string, Place>();
	readonly #signallers: Signallers;
	readonly #faults: RegionFaults;

	constructor(random: Random, stores: readonly SimulatedStore[], logs: LogHistories) {
		const clock = this.#clock;
		this.#random = random;
		this.#nodesFail = random.chance(0.5);
		this.#links = new Network(clock, random);
		this.#links.conditions = { drop: random.chance(0.5) ? 0 : random.next() * 0.3, duplicate: 0.3, maxDelayMs: 300 };
		this.#signallers = new Signallers({
			clock,
			random,
			regions: stores.map(({ region }) => region),
			nodeIn: (region) => pickSignalNode(this.#place(region).region.environment, random),
			onAccepted: (signal) => this.#onAccepted(signal),
		});
		const environments = new Map<string, ClusterEnvironment>();
		for (const store of stores) this.#open(store, environments, logs);
		const regions = [...this.#places.values()].map(({ region }) => region);
		this.#faults = new RegionFaults({ regions, links: this.#links, onLoss: () => undefined });
		for (let fault = random.integer(0, 3); fault > 0; fault--) this.#faults.draw(random.integer(500, LAST_FAULT_MS));
		for (let signal = random.integer(5, 40); signal > 0; signal--) this.#signallers.plan(random.next() * SIGNALS_MS);
		for (let change = random.integer(0, 3); change > 0; change--) this.#setBack(random.next() * SIGNALS_MS);
	}

	run(): Summary {
		const ends = [...this.#places.values()].map(({ region }) => region.faults.endsAt);
		const endsAt = Math.max(this.#faults.endsAt, this.#signallers.lastAt, SIGNALS_MS, ...ends);
		this.#lookUntil(endsAt);
		this.#links.conditions = FAIR;
		waitForCalm({
			clock: this.#clock,
			endsAt,
			settledMs: SETTLED_MS,
			calmMs: CALM_MS,
			playUntil: (end) => this.#lookUntil(end),
			unsettled: () => this.#unsettled(),
		});
		this.#checkNewest();
		this.#signalAndWatch();
		const connections = [...this.#places.values()].reduce((sum, { watchers }) => sum + watchers.connections, 0);
		return { likes: 0, comments: 0, connections, counts: this.#counts };
	}

	#open(store: SimulatedStore, environments: Map<string, ClusterEnvironment>, logs: LogHistories): void {
		const [random, clock] = [this.#random, this.#clock];
		const aheadMs = random.pick(AHEAD_MS);
		const region = openRegion({
			store,
			environments,
			clock,
			random,
			counts: this.#counts,
			links: this.#links,
			likers: new Likers(clock, random, () => undefined),
			logs,
			onGap: () => undefined,
			videos: VIDEOS,
			mayFall: false,
			nodesFail: this.#nodesFail,
			relayBytes: undefined,
			activeUntil: SIGNALS_MS,
			aheadMs,
			onStart() {
				place.failedAt = clock.now;
			},
			onDeath(node) {
				place.failedAt = clock.now;
				place.watchers.lost(node);
			},
		});
		// A node that cannot read the clock in the store orders by its own clock, so no read fails.
		region.environment.readFaults = 0;
		environments.set(store.region, region.environment);
		const place: Place = { region, watchers: new SignalWatchers(region.environment, this.#signallers), failedAt: 0 };
		this.#places.set(store.region, place);
		for (let viewer = 0; viewer < VIEWERS; viewer++) place.watchers.come(random.next() * SIGNALS_MS * 0.5);
	}

	/** Sets the clocks of a region, or of one of its machines, back. */
	#setBack(at: number): void {
		const random = this.#random;
		const { region } = random.pick([...this.#places.values()]);
		const names = random.chance(0.5) ? region.likesNodes : [random.pick(region.likesNodes)];
		const backMs = random.pick(BACK_MS);
		this.#counts.add('clocks set back', names.length);
		this.#clock.at(at, () => setBack(region.environment, names, backMs));
	}

	#place(region: string): Place {
		return this.#places.get(region) as Place;
	}

	/** Takes a signal that a node took: a viewer that follows in its region without a fault has it soon. */
	#onAccepted(signal: Accepted): void {
		const { kind, region } = signal.register;
		this.#counts.add(`signals: ${kind}`);
		this.#clock.after(SENT_MS, () => {
			const place = this.#place(region);
			this.#look(place);
			if (place.failedAt > signal.at - QUIET_MS) return;
			this.#counts.add('signals that had to arrive at once');
			this.#check(signal, place, 'at once');
		});
	}

	/** Throws when a viewer that has followed for `QUIET_MS` misses the newest signal of a register. */
	#check(signal: Accepted, { watchers }: Place, when: string): void {
		if (this.#signallers.newest(signal.register) !== signal || !this.#signallers.isAgreed(signal)) return;
		for (const session of watchers.sessions) {
			if (session.since > signal.at - QUIET_MS) continue;
			const wrong = this.#differs(session, signal);
			if (wrong !== undefined) throw new Violation(`${session.name}: ${wrong} ${when}`);
		}
	}

	/** Returns how a viewer has a register other than its newest signal; undefined when it has the newest. */
	#differs(
		{ typing, custom, sent }: SignalSession,
		{ register, number, typing: types, at }: Accepted,
	): string | undefined {
		const { name, kind } = register;
		if (kind === 'custom') {
			const known = custom.get(name);
			return known === number ? undefined : `has signal ${known ?? 'none'} of ${name} and not ${number}`;
		}
		// The signal may have ended by itself.
		if (types && sent.has(name) && this.#clock.now - at >= TYPING_MS - SENT_MS) return undefined;
		return typing.has(name) === types ? undefined : `is not sent that ${name} ${types ? 'types' : 'stopped'}`;
	}

	#lookUntil(end: number): void {
		const clock = this.#clock;
		while (clock.now < end) {
			clock.runUntil(Math.min(end, clock.now + LOOK_MS));
			for (const place of this.#places.values()) {
				this.#look(place);
				const overdue = place.watchers.overdue();
				if (overdue !== undefined) throw new Violation(`${Math.round(clock.now)} ms: ${overdue}`);
			}
		}
	}

	/** Notes whether something fails in a region now. */
	#look(place: Place): void {
		const { environment } = place.region;
		const { now } = this.#clock;
		const isStopped = running(environment).some(
			({ process, leaving }) => leaving || !process.runs || process.runsSince > now - LOOK_MS,
		);
		if (isStopped || unsettled(environment) !== undefined) place.failedAt = now;
	}

	#unsettled(): string | undefined {
		if (!this.#signallers.allAnswered) return 'a signal was never taken';
		for (const { region, watchers } of this.#places.values()) {
			const reason = unsettled(region.environment);
			if (reason !== undefined) return reason;
			if ([...watchers.sessions].length < VIEWERS) return `a viewer finds no frontend in ${region.environment.region}`;
			const busy = running(region.environment).find(({ replication }) => !replication.relayQueues.isIdle);
			if (busy !== undefined) return `${busy.name} still has relays for another region`;
		}
		return undefined;
	}

	/** Checks that every viewer has the signals that nodes took while only links failed. */
	#checkNewest(): void {
		for (const register of this.#signallers.registers) {
			const newest = this.#signallers.newest(register);
			if (newest === undefined) continue;
			const from = newest.at - QUIET_MS;
			if (this.#place(register.region).failedAt > from) continue;
			for (const place of this.#places.values()) {
				if (place.failedAt > from) continue;
				this.#counts.add('signals that had to arrive at the end');
				this.#check(newest, place, 'at the end');
			}
		}
	}

	/** Runs without faults: viewers receive new signals of all registers, and some users stop typing. */
	#signalAndWatch(): void {
		const { registers } = this.#signallers;
		const agreedAt = this.#clock.now + CALM_MS;
		for (const register of registers) this.#signallers.send(register, true);
		this.#watch(registers);
		this.#lookUntil(agreedAt);
		const stop = registers.filter(({ kind }) => kind === 'typing' && this.#random.chance(0.5));
		for (const register of stop) this.#signallers.send(register, false);
		this.#watch(stop);
		this.#lookUntil(this.#clock.now + TYPING_MS + 2 * SENT_MS);
		for (const { watchers } of this.#places.values()) {
			for (const { name, typing } of watchers.sessions) {
				for (const [user] of typing) throw new Violation(`${name}: ${user} types for ever`);
			}
		}
	}

	#watch(registers: readonly Register[]): void {
		this.#lookUntil(this.#clock.now + (this.#nodesFail ? SENT_BY_OTHERS_MS : SENT_MS));
		for (const register of registers) {
			const newest = this.#signallers.newest(register);
			if (newest === undefined) throw new Violation(`no node took a signal of ${register.name}`);
			for (const place of this.#places.values()) {
				for (const session of place.watchers.sessions) {
					const wrong = this.#differs(session, newest);
					if (wrong !== undefined) throw new Violation(`${session.name}: ${wrong} when nothing fails`);
				}
			}
		}
	}
}
