import { totalsOf } from '../src/delivery/likes.ts';
import type { Registrations } from '../src/delivery/registration.ts';
import { videoTopic } from '../src/delivery/topic.ts';
import type { Updates } from '../src/delivery/update.ts';
import { REREAD_MS } from '../src/dispatcher/dispatcher.ts';
import { Connection } from '../src/frontend/connection.ts';
import { DIGEST_MS } from '../src/frontend/frontend.ts';
import { SqliteDatabase } from '../src/store/sqlite-database.ts';
import { Likers } from './likers.ts';
import { DispatcherNode, FrontendNode, LikesNode, type World } from './nodes.ts';
import { Random } from './random.ts';
import { type Faults, Hop, Timeline } from './timeline.ts';
import { sameTotals, Viewer, Violation } from './viewer.ts';

const VIDEOS = ['v1', 'v2'];
const FRONTENDS = ['f1', 'f2', 'f3'];
const VIEWERS = 9;

/** Until when people like, and until when hops fail, in milliseconds of virtual time. */
const LIKES_UNTIL_MS = 1_500;
const FAULTS_UNTIL_MS = 4_000;

/** From then on the dispatcher has read the store again; until then little reaches frontends. */
const REREAD_BY_MS = FAULTS_UNTIL_MS + REREAD_MS;

/** Time for a digest round, in which frontends get what they missed, and before the store is read once more. */
const HEALED_BY_MS = REREAD_BY_MS + 2 * DIGEST_MS;

const NO_FAULTS: Faults = { drop: 0, duplicate: 0, maxDelayMs: 5 };
const MOSTLY_LOST: Faults = { drop: 0.9, duplicate: 0, maxDelayMs: 5 };

/** What happened in one run. */
export interface Summary {
	readonly likes: number;
	readonly connections: number;
}

/** A person who watches: now on this connection, later perhaps on another. */
interface Seat {
	readonly viewer: Viewer;
	readonly connection: Connection;
	readonly frontend: FrontendNode;
	readonly videos: readonly string[];
}

/**
 * One schedule: one Likes service, one dispatcher and three frontends, which are the shipping state machines, with
 * viewers who block, join late, leave and come back, over hops that drop, duplicate, delay and reorder. The seed decides
 * all of it. Throws a {@link Violation} when any viewer was ever told something that does not add up, or when, after the
 * last like and a digest round, viewers, store and likers do not agree.
 */
export function simulate(seed: number): Summary {
	const random = new Random(seed);
	const timeline = new Timeline();
	const world: World = { timeline, random };
	const database = new SqliteDatabase(':memory:');
	const open = new Set<Seat>();
	let connections = 0;

	function hop<Message>(maxDelayMs: number, receive: (message: Message) => void): Hop<Message> {
		const faults = { drop: random.next() * 0.4, duplicate: random.next() * 0.4, maxDelayMs };
		return new Hop(timeline, random, faults, receive);
	}

	const publications = hop<Updates>(300, (updates) => dispatcher.publish(updates));
	const likesNode = new LikesNode(world, database, (updates) => publications.send(updates));
	const registrations = hop<Registrations>(300, (message) => dispatcher.subscribe(message));
	const frontends = FRONTENDS.map((name) => new FrontendNode(world, name, (message) => registrations.send(message)));
	const deliveries = new Map(
		frontends.map((frontend) => [frontend.name, hop<Updates>(300, (updates) => frontend.deliver(updates))]),
	);
	const dispatcher = new DispatcherNode(world, database, random.next() * 0.5, (frontend, updates) =>
		deliveries.get(frontend)?.send(updates),
	);

	// A copy may come so late that the like was taken back meanwhile.
	const answers = hop<() => void>(300, (answer) => answer());
	const requests = hop<() => void>(1_500, (arrive) => arrive());
	const likers = new Likers(timeline, random, (command, answer) =>
		requests.send(() => likesNode.receive(command, (outcome) => answers.send(() => answer(outcome)))),
	);

	function sit(videos: readonly string[], mayFall: boolean): Seat {
		connections++;
		const frontend = random.pick(frontends);
		const viewer = new Viewer(`seed ${seed}, connection ${connections}`, mayFall);
		const connection = new Connection(`c${connections}`, viewer, timeline.now, Number.POSITIVE_INFINITY);
		const seat = { viewer, connection, frontend, videos };
		open.add(seat);
		frontend.hub.connect(connection);
		for (const video of videos) frontend.hub.subscribe(connection, videoTopic(video), timeline.now);
		frontend.wake();
		return seat;
	}

	function leave(seat: Seat): void {
		open.delete(seat);
		seat.viewer.open = false;
		seat.frontend.hub.disconnect(seat.connection, timeline.now);
		seat.frontend.wake();
	}

	function resume({ viewer, connection, frontend }: Seat): void {
		const wasBlocked = connection.blocked;
		viewer.resume();
		if (wasBlocked) connection.drained(timeline.now);
		frontend.wake();
	}

	/** A viewer does something, and something else a while later, for as long as hops fail. */
	function watch(seat: Seat, mayFall: boolean): void {
		if (timeline.now > FAULTS_UNTIL_MS || !open.has(seat)) return;
		let next = seat;
		if (!seat.viewer.reading) resume(seat);
		else if (random.chance(0.4)) seat.viewer.reading = false;
		else if (random.chance(0.3)) {
			leave(seat);
			next = sit(seat.videos, mayFall);
		}
		timeline.after(random.next() * 600, () => watch(next, mayFall));
	}

	const takeBacks = random.chance(0.5);
	const likes = random.integer(5, 40);
	for (let like = 0; like < likes; like++) {
		likers.plan(random.pick(VIDEOS), LIKES_UNTIL_MS, takeBacks && random.chance(0.4));
	}
	for (let viewer = 0; viewer < VIEWERS; viewer++) {
		const videos = random.chance(0.5) ? VIDEOS : [random.pick(VIDEOS)];
		timeline.after(random.next() * 2 * LIKES_UNTIL_MS, () => watch(sit(videos, takeBacks), takeBacks));
	}
	timeline.at(FAULTS_UNTIL_MS, () => {
		for (const hop of [publications, registrations, answers, requests]) hop.faults = NO_FAULTS;
		for (const hop of deliveries.values()) hop.faults = MOSTLY_LOST;
		dispatcher.readFaults = 0;
	});
	timeline.at(REREAD_BY_MS, () => {
		for (const hop of deliveries.values()) hop.faults = NO_FAULTS;
	});
	// Some are blocked while the last news go round: they are told when they read on.
	timeline.at(HEALED_BY_MS - 1_000, () => {
		for (const seat of open) if (!seat.viewer.reading) resume(seat);
	});

	try {
		timeline.runUntil(HEALED_BY_MS);
		if (!likers.allAnswered) throw new Violation(`seed ${seed}: a like was never answered`);
		for (const [video, rows] of database.read(VIDEOS)) {
			const stored = totalsOf(rows);
			if (!sameTotals(stored, likers.expected(video))) {
				const counts = JSON.stringify({ stored, expected: likers.expected(video) });
				throw new Violation(`seed ${seed}: the store miscounts ${video}: ${counts}`);
			}
			for (const { viewer, videos } of open) {
				if (!videos.includes(video)) continue;
				const told = viewer.told.get(video);
				if (told !== undefined && sameTotals(told, stored)) continue;
				throw new Violation(`${viewer.name}: in the end ${video} is not right: ${JSON.stringify({ told, stored })}`);
			}
		}
	} finally {
		database.close();
	}
	return { likes, connections };
}
