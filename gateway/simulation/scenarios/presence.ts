import { Ring } from '../../src/cluster/membership/ring.ts';
import { topicOf } from '../../src/state/topics/topic.ts';
import { running, unsettled } from '../checks/cluster-checker.ts';
import { KnownUsers, notShown, staleAfter, wrongPresence } from '../checks/presence-checker.ts';
import { Clock } from '../engine/clock.ts';
import { Counts } from '../engine/counts.ts';
import { FAIR, Network } from '../engine/network.ts';
import { Random } from '../engine/random.ts';
import { Violation } from '../engine/violation.ts';
import { ClusterFaults, drawPeers } from '../faults/cluster-faults.ts';
import { type ClusterEnvironment, calmEnvironment } from '../node/cluster-environment.ts';
import { PRESENCE_PERIODS } from '../node/environment.ts';
import type { Node } from '../node/node.ts';
import { LogHistories } from '../store/log-history.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { Users } from '../workload/users.ts';
import { type Received, Watchers } from '../workload/watchers.ts';
import { runSchedule } from './run-schedule.ts';
import type { Summary } from './summary.ts';

const { presenceMs: PRESENCE_MS, presenceGraceMs: GRACE_MS } = PRESENCE_PERIODS;

/** A user without a heartbeat for this time is offline, in milliseconds. */
const GONE_MS = PRESENCE_MS + 2 * GRACE_MS;

const USERS = ['ann', 'bob', 'cho', 'dan'];
const MOST_NODES = { likes: 1, dispatcher: 3, frontend: 2 };

/** The latest beginning of a fault, in milliseconds. */
const LAST_FAULT_MS = 60_000;

/** The longest stop of a node, in milliseconds: longer than a user without heartbeats stays online. */
const MAX_STOP_MS = 1.5 * GONE_MS;

/** The longest time until a cluster settles after the last fault, in milliseconds. */
const SETTLED_MS = 15_000;

/**
 * The longest time from a heartbeat to watchers, in milliseconds: batches, a tick of the wheel, a
 * window; or a cut of 3 s, and a retry.
 */
const SENT_MS = 5_000;

/** The longest time until a digest repairs what an owner had when it died, in milliseconds. */
const DIGESTED_MS = 12_000;

/** The time for which an owner is away that is changed at rest, in milliseconds. */
const AWAY_MS = 1_000;

/** The period between two checks, in milliseconds. */
const LOOK_MS = 250;

/**
 * Runs one schedule of users whose devices come and go, and of their watchers, around a cluster whose
 * nodes die, stop, leave and join. The seed decides all of it. Rejects with a {@link Violation} when a user
 * is shown as offline whose heartbeats arrive, when a user is shown as online long after the last
 * heartbeat, when a watcher does not receive the true state in time after the last fault, or when a
 * change of owners alone shows anything.
 */
export function simulatePresence(seed: number): Promise<Summary> {
	const store = new SimulatedStore('local', new LogHistories());
	return runSchedule(`seed ${seed} of presence`, [store], () => new PresenceSchedule(seed, store).run());
}

class PresenceSchedule {
	readonly #clock = new Clock();
	readonly #environment: ClusterEnvironment;
	readonly #users: Users;
	readonly #watchers: Watchers;
	readonly #faults: ClusterFaults;
	readonly #lives: Node[] = [];
	readonly #known = new KnownUsers();
	readonly #activeUntil: number;
	/** Whether the network loses no message, except on links that are cut. */
	readonly #isFair: boolean;
	/** The ring of the dispatchers that run, by their names and incarnations. */
	#running = { key: '', ring: new Ring([]) };
	/** When the cluster was last not settled, in milliseconds. */
	#unsettledAt = 0;
	/** How many rings had changed at the last look. */
	#rings = 0;
	/** Whether no device comes or goes any more, so that frontends send no presence. */
	#isQuiet = false;

	constructor(seed: number, store: SimulatedStore) {
		const random = new Random(seed);
		const clock = this.#clock;
		const counts = new Counts();
		const network = new Network(clock, random);
		this.#isFair = random.chance(0.7);
		network.conditions = this.#isFair
			? { drop: 0, duplicate: random.next() * 0.2, maxDelayMs: 10 }
			: { drop: random.next() * 0.2, duplicate: random.next() * 0.3, maxDelayMs: random.pick([20, 100, 600]) };
		this.#environment = {
			...calmEnvironment(),
			clock,
			random,
			network,
			region: store.region,
			store,
			counts,
			windowMs: random.pick([5, 15, 100]),
			...PRESENCE_PERIODS,
			clockErrorMs: random.pick([0, 300]),
			readFaults: random.chance(0.5) ? 0 : random.next() * 0.5,
			onHeartbeat: (users, what, at) => this.#onHeartbeat(users, what, at),
		};
		const peers = drawPeers(random, 'n', MOST_NODES);
		const times = Array.from({ length: random.integer(0, 4) }, () => random.integer(2_000, LAST_FAULT_MS));
		this.#activeUntil = Math.max(60_000, ...times) + random.next() * 2 * GONE_MS;
		this.#users = new Users({
			environment: this.#environment,
			devices: new Map(USERS.map((user) => [user, random.pick([1, 1, 2])])),
			goneMs: GONE_MS,
			activeUntil: this.#activeUntil,
		});
		this.#watchers = new Watchers({
			environment: this.#environment,
			onReceived: (received) => this.#onReceived(received),
		});
		for (let watcher = 0; watcher < 3; watcher++) {
			const watched = random.chance(0.5) ? USERS : [random.pick(USERS)];
			this.#watchers.come(watched, random.next() * this.#activeUntil * 0.7);
		}
		this.#faults = new ClusterFaults({
			environment: this.#environment,
			peers,
			times,
			maxStopMs: MAX_STOP_MS,
			onStart: (node) => {
				this.#lives.push(node);
				// It may be back before the next look, and knows no users.
				this.#unsettledAt = clock.now;
			},
			onDeath: (node) => {
				this.#users.lost(node);
				this.#watchers.lost(node);
			},
			onDisruption: () => undefined,
		});
	}

	run(): Summary {
		const clock = this.#clock;
		const endsAt = Math.max(this.#faults.endsAt, this.#activeUntil);
		this.#lookUntil(endsAt);
		this.#environment.network.conditions = FAIR;
		this.#environment.readFaults = 0;
		// Users whose last heartbeat came at the end are offline by then, and owners are certain of their users.
		this.#lookUntil(endsAt + SETTLED_MS);
		// A digest may just be under way.
		for (let look = 0; look < 10 && unsettled(this.#environment) !== undefined; look++) {
			this.#lookUntil(clock.now + LOOK_MS);
		}
		const reason = unsettled(this.#environment);
		if (reason !== undefined) throw new Violation(`${SETTLED_MS} ms after the last fault ${reason}`);
		this.#lookUntil(clock.now + 2 * GONE_MS + SENT_MS + DIGESTED_MS);
		const wrong = wrongPresence(this.#users, this.#watchers);
		if (wrong !== undefined) throw new Violation(`long after the last fault ${wrong}`);
		if (this.#environment.random.chance(0.3)) this.#changeOwners();
		const { counts } = this.#environment;
		for (const { dispatcher } of this.#lives) {
			if (dispatcher === undefined) continue;
			counts.addAll(Object.entries(dispatcher.presence.counters));
		}
		return { likes: 0, comments: 0, connections: this.#watchers.connections, counts };
	}

	/** Gives users that stay online other owners; no watcher may notice. */
	#changeOwners(): void {
		const { clock, counts } = this.#environment;
		const dispatchers = running(this.#environment).filter(({ peer: { roles } }) => roles.join() === 'dispatcher');
		const hit = dispatchers.length > 0 ? this.#environment.random.pick(dispatchers) : undefined;
		if (hit === undefined) return;
		counts.add('changes of owners alone');
		this.#isQuiet = true;
		this.#faults.endNow(hit, AWAY_MS, this.#environment.random.chance(0.5));
		this.#lookUntil(clock.now + SETTLED_MS + GONE_MS + SENT_MS);
		const wrong = wrongPresence(this.#users, this.#watchers);
		if (wrong !== undefined) throw new Violation(`after a change of owners ${wrong}`);
	}

	#lookUntil(end: number): void {
		const clock = this.#clock;
		while (clock.now < end) {
			clock.runUntil(Math.min(end, clock.now + LOOK_MS));
			const stopped = running(this.#environment).some(({ process }) => !process.runs);
			// An owner of another ring publishes no user as offline for a while, also when the old ring was back before this look.
			const rings = this.#environment.counts.get('rings that changed');
			if (stopped || rings !== this.#rings || unsettled(this.#environment) !== undefined) this.#unsettledAt = clock.now;
			this.#rings = rings;
			this.#known.look(running(this.#environment), USERS);
			const stale = staleAfter(this.#users, this.#watchers, {
				now: clock.now,
				unsettledAt: this.#unsettledAt,
				boundMs: GONE_MS + SENT_MS + DIGESTED_MS,
			});
			if (stale !== undefined) throw new Violation(`${Math.round(clock.now)} ms: ${stale}`);
			// Where messages are lost, and where an owner had no time to store, only a digest repairs.
			if (!this.#isFair || this.#unsettledAt > clock.now - GONE_MS - SENT_MS - DIGESTED_MS) continue;
			const maxMs = PRESENCE_MS + GRACE_MS;
			const missing = notShown(this.#users, this.#watchers, { since: clock.now - SENT_MS, maxMs, known: this.#known });
			if (missing !== undefined) throw new Violation(`${Math.round(clock.now)} ms: ${missing}`);
		}
	}

	/**
	 * A heartbeat counts as received at the owner by the dispatchers that run. While the network loses
	 * much, a frontend may go by another ring for a moment: then it cannot reach the owner, so its
	 * heartbeat before counts (see docs/operations/reference.md).
	 */
	#onHeartbeat(users: readonly string[], what: 'sent' | 'received', at: Node): void {
		if (what === 'sent') this.#users.onHeartbeat(users, what);
		else {
			const ring = this.#ringOfRunning();
			const received = users.filter((user) => ring.owner(topicOf('user', user)) === at.name);
			this.#users.onHeartbeat(received, what);
		}
	}

	#ringOfRunning(): Ring {
		const members = running(this.#environment)
			.filter(({ dispatcher, process, leaving }) => dispatcher && process.runs && !leaving)
			.map(({ name, incarnation }) => ({ node: name, incarnation }));
		const key = JSON.stringify(members);
		if (key !== this.#running.key) this.#running = { key, ring: new Ring(members) };
		return this.#running.ring;
	}

	/** Checks that what a watcher receives can be true. */
	#onReceived({ name, node, event, before }: Received): void {
		const { now } = this.#clock;
		const { user, online } = event;
		const fail = (what: string) => {
			throw new Violation(`${name}: ${Math.round(now)} ms: ${user} is shown ${online ? 'online' : 'offline'}, ${what}`);
		};
		this.#environment.counts.add(online ? 'sent online' : 'sent offline');
		// An event that waited while its frontend was stopped is late.
		const late = node.process.runsSince > now - SENT_MS ? 1 : 0;
		const isChange = before === undefined ? undefined : before.online !== online;
		if (this.#isQuiet && isChange) fail('and nothing but an owner changed');
		if (online) {
			const sentAt = this.#users.lastSentAt(user);
			if (sentAt === undefined) fail('and no heartbeat was ever sent');
			else if (isChange && !late && now - sentAt > GONE_MS + SENT_MS) {
				fail(`and no heartbeat was sent for ${Math.round(now - sentAt)} ms`);
			}
			return;
		}
		const isSure = this.#unsettledAt < now - GONE_MS - SENT_MS;
		// A watcher that connects while an owner is uncertain receives what the store knows.
		if (late || (before === undefined && !isSure)) return;
		const receivedMs = now - this.#users.receivedSince(user, PRESENCE_MS + GRACE_MS);
		if (receivedMs > (isSure ? GONE_MS + SENT_MS : 2 * GONE_MS + SENT_MS)) {
			fail(`and heartbeats arrived for ${Math.round(receivedMs)} ms without a pause`);
		}
	}
}
