import { describe, expect, test } from 'vitest';
import { findsBugs, holdsForNewSchedules, type PlantedBug } from './find-bugs.ts';
import { type PlantedLine, simulationWith } from './plant.ts';

const SUMMED: PlantedLine = {
	file: 'delivery/likes.ts',
	line: 'Math.max(known[0], next[0])',
	instead: 'known[0] + next[0]',
};

/** Each of these was in somebody's code once. The simulation is worth something only while it finds them. */
const BUGS: Record<string, PlantedBug> = {
	'counts of two hops are summed': SUMMED,
	'a snapshot shows what is pending, not what was flushed': {
		file: 'frontend/likes-part.ts',
		line: 'likesEvent(this.#video, told, version,',
		instead: 'likesEvent(this.#video, told, { ...version, totals: totalsOf(this.#rows) },',
	},
	'taking back leaves no tombstone': {
		file: 'store/sqlite-likes.ts',
		line: 'UPDATE likes SET taken_back_at = ? WHERE video = ? AND id = ?',
		instead: 'DELETE FROM likes WHERE ? > 0 AND video = ? AND id = ?',
	},
	'a blocked connection is forgotten': {
		file: 'frontend/connection.ts',
		line: 'for (const subscription of this.#subscriptions) wrote = subscription.tell(now) || wrote;',
		instead: '',
	},
	'a blocked connection counts as told': {
		file: 'frontend/connection.ts',
		line: 'if (isNews && !this.#connection.send(frame, now)) return false;',
		instead: 'if (isNews) this.#connection.send(frame, now);',
	},
	'a digest is not compared': {
		file: 'dispatcher/subscription-table.ts',
		line: 'entry.hash !== hash',
		instead: 'hash === undefined',
	},
	'viewers visited before the news came in a pass are forgotten': {
		file: 'frontend/topic.ts',
		line: 'if (this.#isFresh || this.state !== this.#toldToAll) return',
		instead: 'if (this.#isFresh) return',
	},
	'a frame is kept for the next version': {
		file: 'frontend/topic.ts',
		line: 'this.#frames.clear();',
		instead: '',
	},
};

/** And these are what the machines of a cluster are there to prevent. */
const CLUSTER_BUGS: Record<string, PlantedBug> = {
	'frontends send no digests': ["lane.digest = 'due';", "lane.digest ??= 'due';"].map((line) => ({
		file: 'frontend/registrar.ts',
		line: `for (const lane of this.#lanes.values()) ${line}`,
		instead: '',
	})),
	'nothing is flooded': {
		file: 'cluster/router.ts',
		line: 'this.deliverAll(this.#view.frontends, updates);',
		instead: '',
	},
	'an owner trusts its table without digests': {
		file: 'dispatcher/dispatch.ts',
		line: 'const settled = [...frontends].every(hasTold);',
		instead: 'const settled = [...frontends].length >= 0 && hasTold !== undefined;',
		firstSeed: 115,
	},
	'forwarded news that reach no owner are dropped': {
		file: 'dispatcher/dispatch.ts',
		line: 'if (!isOwner && !forwarded) {',
		instead: 'if (!isOwner && forwarded) continue;\n\t\t\tif (!isOwner) {',
		firstSeed: 183,
	},
	'an outbox forgets a batch that failed': {
		file: 'delivery/outbox.ts',
		line: 'this.#join(batch, (waiting) => mergeBatches(batch, waiting));',
		instead: '',
	},
	'an owner that fails is waited for': {
		file: 'cluster/router.ts',
		line: 'if (!lane.doubted) this.#doubt(lane, parcel);',
		instead: '',
		firstSeed: 114,
	},
	'news for an owner in doubt do not flood': {
		file: 'cluster/router.ts',
		line: 'if (lane.doubted) unanswered.set(topic, update);',
		instead: '',
	},
	'no way round a cut is taken': {
		file: 'cluster/router.ts',
		line: 'this.#owner(other.node).outbox.put(topic, update);',
		instead: '',
		firstSeed: 426,
	},
	'a registration that failed is not told again': {
		file: 'frontend/registrar.ts',
		line: 'else for (const topic of [...topics.map((one) => one.topic), ...dropped]) this.changed(topic);',
		instead: '',
		firstSeed: 48,
	},
	'an old message overrides a newer one': {
		file: 'dispatcher/subscription-table.ts',
		line: 'if (!isBefore(row, incarnation, seq)) return entry;',
		instead: '',
		firstSeed: 631,
	},
	'an old message drops a newer row': {
		file: 'dispatcher/subscription-table.ts',
		line: 'if (row !== undefined && isBefore(row, incarnation, seq)) this.#drop(frontend, topic);',
		instead: 'if (row !== undefined) this.#drop(frontend, topic);',
	},
	'a dispatcher that begins serves what it does not know': {
		file: 'dispatcher/subscription-table.ts',
		line: 'rows: NO_LIKES, complete: false',
		instead: 'rows: NO_LIKES, complete: true',
		firstSeed: 217,
	},
	'rows of frontends that are gone stay': {
		file: 'dispatcher/dispatch.ts',
		line: 'this.table.dropFrontend(frontend);',
		instead: '',
	},
	'topics are never read again': {
		file: 'dispatcher/dispatch.ts',
		line: 'for (const topic of this.table.topics()) this.#unread.add(topic);',
		instead: '',
		firstSeed: 128,
	},
	'a Likes node that dies with its news is no reason to read': {
		file: 'dispatcher/dispatch.ts',
		line: 'if (isGone || lives(before).join() !== lives(view).join()) this.reread();',
		instead: '',
		firstSeed: 393,
	},
	'a ring does not close': {
		file: 'cluster/ring.ts',
		line: 'low === this.#hashes.length ? 0 : low',
		instead: 'low',
	},
	'nodes draw rings in orders of their own': {
		file: 'cluster/ring.ts',
		line: 'this.members = [...members].sort((a, b) => (a.node < b.node ? -1 : 1));',
		instead: 'this.members = [...members];',
	},
	'a dispatcher that leaves stays on the ring': {
		file: 'cluster/ring-members.ts',
		line: "if (standing === 'leaving') this.#members.delete(peer.node);\n\t\t\telse ",
		instead: '',
	},
	"a transaction's news are published only half the time": {
		file: 'likes/news.ts',
		line: 'news.set(topic, before === undefined ? update : mergeUpdates(before, update));',
		instead: 'if (update.at % 2 === 0) news.set(topic, before === undefined ? update : mergeUpdates(before, update));',
	},
};

const build = (...lines: readonly PlantedLine[]) => simulationWith(...lines).then(({ simulate }) => simulate);

describe('the simulation', () => {
	findsBugs({ bugs: { ...BUGS, ...CLUSTER_BUGS }, build, failure: /^seed \d+/, schedules: 3_000 });

	test.each([
		['is not there', { file: 'delivery/likes.ts', line: 'Math.sqrt(known)', instead: '' }, /has 0 places/],
		['is there twice', { file: 'delivery/likes.ts', line: 'Math.max', instead: '' }, /has \d+ places/],
		['is of a file that is not built', { file: 'main.ts', line: 'import', instead: '' }, /no part of what was built/],
	])('is not built with a bug whose line %s', async (_name, bug, message) => {
		await expect(simulationWith(bug)).rejects.toThrow(message);
	});

	test('does the same again with the same seed', async () => {
		const { simulate } = await simulationWith(SUMMED);
		const messageOf = (seed: number) => {
			try {
				simulate(seed);
				return undefined;
			} catch (error) {
				return (error as Error).message;
			}
		};
		const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
		const first = seeds.map(messageOf);
		expect(first.filter((message) => message !== undefined)).not.toEqual([]);
		expect(seeds.map(messageOf)).toEqual(first);
	});

	holdsForNewSchedules(build, 150);
});
