import { Ring } from '../../src/cluster/membership/ring.ts';
import { topicOf } from '../../src/state/topics/topic.ts';
import { running, unsettled } from '../checks/cluster-checker.ts';
import { presenceNotTrue, staleAfter, unshown } from '../checks/presence-checker.ts';
import { Timeline } from '../engine/clock.ts';
import { FAIR, Network } from '../engine/network.ts';
import { Random } from '../engine/random.ts';
import { ClusterFaults, drawPeers } from '../faults/cluster-faults.ts';
import { Counts, PRESENCE_PERIODS, Violation, type World } from '../node/environment.ts';
import type { Node } from '../node/node.ts';
import { WrittenLogs } from '../store/log-history.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { People } from '../workload/users.ts';
import { type Told, Watchers } from '../workload/watchers.ts';
import type { Summary } from './cluster.ts';

const { presenceMs: PRESENCE_MS, presenceGraceMs: GRACE_MS } = PRESENCE_PERIODS;

/** A user without a heartbeat for this long is gone, in milliseconds. */
const GONE_MS = PRESENCE_MS + 2 * GRACE_MS;

const USERS = ['ann', 'bob', 'cho', 'dan'];
const MOST_NODES = { likes: 1, dispatcher: 3, frontend: 2 };

/** Faults begin so late at the most, in milliseconds. */
const LAST_FAULT_MS = 60_000;

/** A node may stop for longer than a user takes to be gone, in milliseconds. */
const MAX_STOP_MS = 1.5 * GONE_MS;

/** A cluster settles so soon after the last fault, in milliseconds. */
const SETTLED_MS = 15_000;

/** What is said is told so soon, in milliseconds: batches, a tick of the wheel, a window; or three seconds of a cut, and a retry. */
const TOLD_MS = 5_000;

/** What an owner took with it that died is told after a digest, so soon, in milliseconds. */
const DIGESTED_MS = 12_000;

/** An owner that is changed at rest is away for so long, in milliseconds. */
const AWAY_MS = 1_000;

/** How often things are looked at, in milliseconds. */
const LOOK_MS = 250;

/**
 * One schedule of people whose devices come and go, and of those who watch that, around a cluster whose nodes die, stop,
 * leave and join. The seed decides all of it. Throws a {@link Violation} when somebody is shown to be gone who was heard of
 * all the time, when somebody is shown to be there long after they were gone, when, after the last fault, a watcher is not
 * shown what is true in time, or when a change of owners alone shows anything.
 */
export function simulatePresence(seed: number): Summary {
	const store = new SimulatedStore('local', new WrittenLogs());
	try {
		return new PresenceSchedule(seed, store).run();
	} catch (error) {
		if (!(error instanceof Violation)) throw error;
		throw new Violation(`seed ${seed} of presence: ${error.message}`);
	} finally {
		store.close();
	}
}

class PresenceSchedule {
	readonly #timeline = new Timeline();
	readonly #world: World;
	readonly #people: People;
	readonly #watchers: Watchers;
	readonly #faults: ClusterFaults;
	readonly #lives: Node[] = [];
	readonly #whimsUntil: number;
	/** Nothing is lost on the way, unless the way is cut. */
	readonly #isFair: boolean;
	/** The ring of the dispatchers that run, by their names and lives. */
	#running = { key: '', ring: new Ring([]) };
	/** When the cluster was last seen not to be settled. */
	#doubtAt = 0;
	/** How many rings had changed at the last look. */
	#rings = 0;
	/** Nobody comes or goes any more, so nothing is to be told. */
	#isQuiet = false;

	constructor(seed: number, store: SimulatedStore) {
		const random = new Random(seed);
		const timeline = this.#timeline;
		const counts = new Counts();
		const network = new Network(timeline, random);
		this.#isFair = random.chance(0.7);
		network.weather = this.#isFair
			? { drop: 0, duplicate: random.next() * 0.2, maxDelayMs: 10 }
			: { drop: random.next() * 0.2, duplicate: random.next() * 0.3, maxDelayMs: random.pick([20, 100, 600]) };
		this.#world = {
			timeline,
			random,
			network,
			region: store.region,
			store,
			dispatchers: [],
			abroad: undefined,
			nodes: new Map(),
			counts,
			windowMs: random.pick([5, 15, 100]),
			...PRESENCE_PERIODS,
			clockErrorMs: random.pick([0, 300]),
			readFaults: random.chance(0.5) ? 0 : random.next() * 0.5,
			frontendsRefuse: false,
			silent: new Set(),
			onHeartbeat: (users, what, at) => this.#onHeartbeat(users, what, at),
			onCommit: () => undefined,
			onTrap: () => undefined,
		};
		const peers = drawPeers(random, 'n', MOST_NODES);
		const times = Array.from({ length: random.integer(0, 4) }, () => random.integer(2_000, LAST_FAULT_MS));
		this.#whimsUntil = Math.max(60_000, ...times) + random.next() * 2 * GONE_MS;
		this.#people = new People({
			world: this.#world,
			devices: new Map(USERS.map((user) => [user, random.pick([1, 1, 2])])),
			goneMs: GONE_MS,
			whimsUntil: this.#whimsUntil,
		});
		this.#watchers = new Watchers({ world: this.#world, onTold: (told) => this.#onTold(told) });
		for (let watcher = 0; watcher < 3; watcher++) {
			const watched = random.chance(0.5) ? USERS : [random.pick(USERS)];
			this.#watchers.come(watched, random.next() * this.#whimsUntil * 0.7);
		}
		this.#faults = new ClusterFaults({
			world: this.#world,
			peers,
			times,
			maxStopMs: MAX_STOP_MS,
			onStart: (node) => {
				this.#lives.push(node);
				// It may be back before the next look, and knows no users.
				this.#doubtAt = timeline.now;
			},
			onDeath: (node) => {
				this.#people.lost(node);
				this.#watchers.lost(node);
			},
			onDisruption: () => undefined,
		});
	}

	run(): Summary {
		const timeline = this.#timeline;
		const endsAt = Math.max(this.#faults.endsAt, this.#whimsUntil);
		this.#lookUntil(endsAt);
		this.#world.network.weather = FAIR;
		this.#world.readFaults = 0;
		// Who was heard of at the end is gone by then, after owners were changed and were sure of what they have.
		this.#lookUntil(endsAt + SETTLED_MS);
		// A digest may just be under way.
		for (let look = 0; look < 10 && unsettled(this.#world) !== undefined; look++) {
			this.#lookUntil(timeline.now + LOOK_MS);
		}
		const doubt = unsettled(this.#world);
		if (doubt !== undefined) throw new Violation(`${SETTLED_MS} ms after the last fault ${doubt}`);
		this.#lookUntil(timeline.now + 2 * GONE_MS + TOLD_MS + DIGESTED_MS);
		const wrong = presenceNotTrue(this.#people, this.#watchers);
		if (wrong !== undefined) throw new Violation(`long after the last fault ${wrong}`);
		if (this.#world.random.chance(0.3)) this.#changeOwners();
		const { counts } = this.#world;
		for (const { dispatcher } of this.#lives) {
			if (dispatcher === undefined) continue;
			counts.addAll(Object.entries(dispatcher.presence.counters));
		}
		return { likes: 0, comments: 0, connections: this.#watchers.connections, counts };
	}

	/** Everybody who stays is told of by other owners, and nobody is to see it. */
	#changeOwners(): void {
		const { timeline, counts } = this.#world;
		const dispatchers = running(this.#world).filter(({ peer: { roles } }) => roles.join() === 'dispatcher');
		const hit = dispatchers.length > 0 ? this.#world.random.pick(dispatchers) : undefined;
		if (hit === undefined) return;
		counts.add('changes of owners alone');
		this.#isQuiet = true;
		this.#faults.endNow(hit, AWAY_MS, this.#world.random.chance(0.5));
		this.#lookUntil(timeline.now + SETTLED_MS + GONE_MS + TOLD_MS);
		const wrong = presenceNotTrue(this.#people, this.#watchers);
		if (wrong !== undefined) throw new Violation(`after a change of owners ${wrong}`);
	}

	#lookUntil(end: number): void {
		const timeline = this.#timeline;
		while (timeline.now < end) {
			timeline.runUntil(Math.min(end, timeline.now + LOOK_MS));
			const stopped = running(this.#world).some(({ process }) => !process.runs);
			// An owner of another ring publishes no user as offline for a while, also when the old ring was back before this look.
			const rings = this.#world.counts.get('rings that changed');
			if (stopped || rings !== this.#rings || unsettled(this.#world) !== undefined) this.#doubtAt = timeline.now;
			this.#rings = rings;
			const stale = staleAfter(this.#people, this.#watchers, {
				now: timeline.now,
				doubtAt: this.#doubtAt,
				boundMs: GONE_MS + TOLD_MS + DIGESTED_MS,
			});
			if (stale !== undefined) throw new Violation(`${Math.round(timeline.now)} ms: ${stale}`);
			// Where messages are lost only a digest tells, and what an owner had no time to store, too.
			if (!this.#isFair || this.#doubtAt > timeline.now - GONE_MS - TOLD_MS - DIGESTED_MS) continue;
			const mostMs = PRESENCE_MS + GRACE_MS;
			const missing = unshown(this.#people, this.#watchers, { since: timeline.now - TOLD_MS, mostMs });
			if (missing !== undefined) throw new Violation(`${Math.round(timeline.now)} ms: ${missing}`);
		}
	}

	/**
	 * A heartbeat counts as received at the owner by the dispatchers that run. While the network loses much, a frontend may go
	 * by another ring for a moment: then it cannot reach the owner, so its heartbeat before counts (see docs/operations/reference.md).
	 */
	#onHeartbeat(users: readonly string[], what: 'sent' | 'heard', at: Node): void {
		if (what === 'sent') this.#people.onHeartbeat(users, what);
		else {
			const ring = this.#ringOfRunning();
			const received = users.filter((user) => ring.owner(topicOf('user', user)) === at.name);
			this.#people.onHeartbeat(received, what);
		}
	}

	#ringOfRunning(): Ring {
		const members = running(this.#world)
			.filter(({ dispatcher, process, leaving }) => dispatcher && process.runs && !leaving)
			.map(({ name, incarnation }) => ({ node: name, incarnation }));
		const key = JSON.stringify(members);
		if (key !== this.#running.key) this.#running = { key, ring: new Ring(members) };
		return this.#running.ring;
	}

	/** Makes sure that what somebody is told can be. */
	#onTold({ name, node, event, before }: Told): void {
		const { now } = this.#timeline;
		const { user, online } = event;
		const fail = (what: string) => {
			throw new Violation(`${name}: ${Math.round(now)} ms: ${user} is shown ${online ? 'online' : 'offline'}, ${what}`);
		};
		this.#world.counts.add(online ? 'told online' : 'told offline');
		// What waited while the node stood still is of then.
		const late = node.process.runsSince > now - TOLD_MS ? 1 : 0;
		const isChange = before === undefined ? undefined : before.online !== online;
		if (this.#isQuiet && isChange) fail('and nothing but an owner changed');
		if (online) {
			const saidAt = this.#people.lastSaidAt(user);
			if (saidAt === undefined) fail('and nobody ever said so');
			else if (isChange && !late && now - saidAt > GONE_MS + TOLD_MS) {
				fail(`and nobody said so for ${Math.round(now - saidAt)} ms`);
			}
			return;
		}
		const isSure = this.#doubtAt < now - GONE_MS - TOLD_MS;
		// Who comes while an owner is not sure is shown what the store knows.
		if (late || (before === undefined && !isSure)) return;
		const heardMs = now - this.#people.heardSince(user, PRESENCE_MS + GRACE_MS);
		if (heardMs > (isSure ? GONE_MS + TOLD_MS : 2 * GONE_MS + TOLD_MS)) {
			fail(`and was heard of for ${Math.round(heardMs)} ms without a pause`);
		}
	}
}
