import { revisionOf } from '../../src/state/counters.ts';
import { idOf, kindOf } from '../../src/state/topics/topic.ts';
import { type Store, StoreError } from '../../src/store/store.ts';
import { wallTimeAt } from '../engine/clock.ts';
import { NEVER } from './calls.ts';
import type { Endpoint } from './endpoint.ts';
import type { Environment } from './environment.ts';

/** The longest time to the database, and the longest time back, in milliseconds. */
const DATABASE_MS = 10;

/** Returns the store of a region as a node reaches it: slow, and with reads that fail. */
export function createNodeStore(environment: Environment, node: Endpoint): Store {
	const { random, store } = environment;
	const { process } = node;

	function ask<Answer>(run: () => Answer, canFail = true, faults = environment.readFaults): Promise<Answer> {
		if (process.isDead) return NEVER;
		return new Promise((resolve, reject) => {
			process.after(random.next() * DATABASE_MS, () => {
				const fails = !store.isOpen || (canFail && random.chance(faults));
				const answer = fails ? undefined : { value: run() };
				process.after(random.next() * DATABASE_MS, () => {
					if (answer === undefined) reject(new StoreError('the store does not answer'));
					else resolve(answer.value);
				});
				if (answer !== undefined && !canFail) environment.onFailpoint(node, 'committed');
			});
		});
	}

	/** Runs a transaction; it fails only with the store. */
	const commit = <Answer>(run: () => Answer) => ask(run, false);
	const keep = (run: () => void) => ask(run, true, Math.max(environment.readFaults, environment.writeFaults));
	const notSimulated = () => Promise.reject(new StoreError('no client of the simulation asks for this'));

	return {
		get available() {
			return store.isOpen;
		},
		commit: (commands) =>
			commit(() => {
				const done = store.commit(commands);
				for (const [topic, rows] of done.rows) {
					if (kindOf(topic) === 'video') environment.onCommit(idOf(topic), revisionOf(rows), node);
				}
				return done;
			}),
		append: (commands) =>
			commit(() => {
				const dated = commands.map((command) => ({ ...command, at: command.at + environment.appendErrorMs() }));
				return store.append(dated, process.now);
			}),
		read: (topics) => ask(() => store.read(topics)),
		liked: (videos, limit) => ask(() => store.liked(videos, limit)),
		changes: (since, limit) => ask(() => store.changes(since, limit)),
		positions: () => ask(() => store.positions()),
		replicate: (region, rows, reached) => keep(() => store.replicate(region, rows, reached)),
		events: (topic, region, after, limit) => ask(() => store.events(topic, region, after, limit)),
		find: (topic, id) => ask(() => store.find(topic, id)),
		keepEvents: (region, logs) => keep(() => store.keepEvents(region, logs)),
		missing: (region, topics) => ask(() => store.missing(region, topics)),
		values: (topics) => ask(() => store.values(topics)),
		keepValues: (values) => ask(() => store.keepValues(values)),
		timeline: (range) => ask(() => store.timeline(range)),
		raiseClock: (to) => ask(() => ({ at: store.raiseClock(to), wallTime: wallTimeAt(process.now) })),
		history: notSimulated,
		prune: notSimulated,
		close: async () => undefined,
	};
}
