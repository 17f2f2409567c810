import type { Registrations } from '../src/delivery/registration.ts';
import { videoOf } from '../src/delivery/topic.ts';
import type { Updates } from '../src/delivery/update.ts';
import { Dispatch } from '../src/dispatcher/dispatch.ts';
import { EXPIRE_MS, REREAD_MS } from '../src/dispatcher/dispatcher.ts';
import { DIGEST_MS, TICK_MS } from '../src/frontend/frontend.ts';
import { Hub } from '../src/frontend/hub.ts';
import { GroupCommit } from '../src/likes/group-commit.ts';
import { newsOf } from '../src/likes/news.ts';
import type { SqliteDatabase } from '../src/store/sqlite-database.ts';
import { type Command, type Outcome, outcomeAt } from '../src/store/store.ts';
import type { Random } from './random.ts';
import { createSimulatedAlarm, type Timeline } from './timeline.ts';

/** Where nodes run: on one virtual time, with one source of chance. */
export interface World {
	readonly timeline: Timeline;
	readonly random: Random;
}

/** So few that a pass over the viewers takes several turns, between which things happen. */
const TURN_BUDGET = 1;

/** How long the database takes at the most, in milliseconds. */
const DATABASE_MS = 20;

/** The Likes service on virtual time: `createLikesService` without promises and HTTP. */
export class LikesNode {
	readonly #commits = new GroupCommit<{ command: Command; answer: (outcome: Outcome) => void }>({
		windowMs: 5,
		maxBatch: 8,
		maxWaiting: 1_000,
	});
	readonly #wake: () => void;

	constructor({ timeline, random }: World, database: SqliteDatabase, publish: (updates: Updates) => void) {
		this.#wake = createSimulatedAlarm(timeline, (now) => {
			const batch = this.#commits.take(now);
			if (batch === undefined) return this.#commits.dueAt;
			timeline.after(random.next() * DATABASE_MS, () => {
				const commands = batch.map(({ command }) => command);
				const commit = database.commit(commands);
				this.#commits.finish();
				for (const [index, { answer }] of batch.entries()) answer(outcomeAt(commit, index));
				publish(newsOf(commands, commit));
				this.#wake();
			});
			return undefined;
		});
	}

	receive(command: Command, answer: (outcome: Outcome) => void): void {
		if (this.#commits.add({ command, answer })) this.#wake();
	}
}

/** The dispatcher on virtual time; its reads of the store are slow, and some fail. */
export class DispatcherNode {
	/** The probability that a read fails. */
	readFaults: number;
	readonly #timeline: Timeline;
	readonly #dispatch = new Dispatch(15);
	readonly #wake: () => void;

	constructor(
		{ timeline, random }: World,
		database: SqliteDatabase,
		readFaults: number,
		deliver: (frontend: string, updates: Updates) => void,
	) {
		this.#timeline = timeline;
		this.readFaults = readFaults;
		this.#wake = createSimulatedAlarm(timeline, (now) => {
			for (const topic of this.#dispatch.takeReads()) {
				const rows = database.read([videoOf(topic)]).get(videoOf(topic)) ?? {};
				const failed = random.chance(this.readFaults);
				timeline.after(random.next() * DATABASE_MS, () => {
					if (failed) this.#dispatch.readFailed(topic);
					else this.#dispatch.loaded(topic, rows, timeline.now);
					this.#wake();
				});
			}
			for (const { frontend, updates } of this.#dispatch.takeDeliveries(now)) deliver(frontend, updates);
			return this.#dispatch.dueAt;
		});
		timeline.every(REREAD_MS, () => {
			this.#dispatch.reread();
			this.#wake();
		});
		timeline.every(EXPIRE_MS, () => this.#dispatch.expire(timeline.now));
	}

	publish(updates: Updates): void {
		this.#dispatch.publish(updates);
		this.#wake();
	}

	subscribe(message: Registrations): void {
		this.#dispatch.subscribe(message, this.#timeline.now);
		this.#wake();
	}
}

/** A frontend on virtual time. */
export class FrontendNode {
	readonly name: string;
	readonly hub: Hub;
	readonly wake: () => void;

	constructor({ timeline }: World, name: string, register: (message: Registrations) => void) {
		this.name = name;
		this.hub = new Hub({
			frontend: name,
			windowMs: 50,
			heartbeatMs: 15_000,
			blockedTimeoutMs: 30_000,
			lifetimeBye: () => new Uint8Array(),
		});
		this.wake = createSimulatedAlarm(timeline, (now) => {
			const next = this.hub.run(now, TURN_BUDGET);
			const news = this.hub.takeRegistrations();
			if (news !== undefined) register(news);
			return next;
		});
		timeline.every(TICK_MS, () => {
			this.hub.tick(timeline.now, timeline.now);
			this.wake();
		});
		timeline.every(DIGEST_MS, () => register(this.hub.digest()));
	}

	deliver(updates: Updates): void {
		this.hub.deliver(updates);
		this.wake();
	}
}
