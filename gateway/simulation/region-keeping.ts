import type { LikesRows } from '../src/delivery/likes.ts';
import type { Updates } from '../src/delivery/update.ts';
import type { RegionExchange } from '../src/regions/exchange.ts';
import { logsIn } from '../src/regions/missing-events.ts';
import { newsOf, newsOfValues } from '../src/regions/take-over.ts';
import type { LogPart } from '../src/store/log-store.ts';
import type { Changes, Reached } from '../src/store/store.ts';
import { subjectOf } from '../src/store/subject.ts';
import type { Node } from './node.ts';
import type { SimulatedStore } from './simulated-store.ts';
import { askStore } from './store-access.ts';
import type { World } from './world.ts';

/** So few events of a log are asked for at a time, at the most, that there are several. */
const MAX_EVENTS = 3;

/** Events of the log of a topic that are wanted. */
export interface EventsBehind {
	readonly topic: string;
	readonly after: number;
	readonly limit: number;
}

/** Asks another region for events of its own log; the answer is undefined when that failed. */
type AskForPart = (region: string, behind: EventsBehind, done: (part: LogPart | undefined) => void) => void;

/** Behind which offset events are missing, by topic, by region. */
type Missing = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Does something that takes time, and says whether that worked. */
type Step = (next: (worked: boolean) => void) => void;

/** Puts what other regions say into the store, as `createRegionLink` and `createMissingEvents` do, without promises. */
export class RegionKeeping {
	readonly #world: World;
	readonly #node: Node;
	readonly #askForPart: AskForPart;

	constructor(world: World, node: Node, askForPart: AskForPart) {
		this.#world = world;
		this.#node = node;
		this.#askForPart = askForPart;
	}

	/** Values and events come before the position: once that is reached, no page has them again. */
	takePage(region: string, { rows, values }: Changes, reached: Reached, done: (kept: boolean) => void): void {
		const logs = logsIn(region, rows);
		const keepValues: Step[] = [];
		if (values.size > 0) {
			this.#world.counts.add('pages with values');
			keepValues.push(
				this.#write((store) => store.keepValues(values)),
				(next) => {
					this.#node.publish(newsOfValues(values, this.#node.process.now));
					next(true);
				},
			);
		}
		if (logs.length === 0) {
			inTurn([...keepValues, this.#replicate(region, rows, reached), this.#publish(rows, () => true)], done);
			return;
		}
		let missing: ReadonlyMap<string, number> = new Map();
		const look = this.#look(region, logs, (found) => {
			missing = found;
		});
		inTurn(
			[
				...keepValues,
				this.#replicate(region, rows),
				look,
				this.#publish(rows, (topic) => !missing.has(topic)),
				(next) => this.#pull(region, [...missing], next),
				this.#replicate(region, new Map(), reached),
				this.#publish(rows, (topic) => missing.has(topic)),
			],
			done,
		);
	}

	/** Without what is missing of logs, by region, when that could not be done. */
	keep(batch: Updates, exchange: RegionExchange, done: (missing?: Missing) => void): void {
		const steps = [...exchange.rowsOf(batch)].map(([region, rows]) => this.#replicate(region, rows));
		for (const [region, logs] of exchange.logsOf(batch)) {
			steps.push(this.#write((store) => store.keepEvents(region, logs)));
		}
		const missing = new Map<string, ReadonlyMap<string, number>>();
		for (const [region, topics] of exchange.topicsWithLogs(batch)) {
			steps.push(
				this.#look(region, topics, (found) => {
					if (found.size > 0) this.#world.counts.add('events of other regions that were missed');
					missing.set(region, found);
				}),
			);
		}
		const values = exchange.valuesOf(batch);
		if (values.size > 0) steps.push(this.#write((store) => store.keepValues(values)));
		inTurn(steps, (kept) => done(kept ? missing : undefined));
	}

	#pull(
		region: string,
		left: readonly (readonly [topic: string, after: number])[],
		done: (kept: boolean) => void,
	): void {
		const [first, ...others] = left;
		if (first === undefined) {
			done(true);
			return;
		}
		const [topic, after] = first;
		const limit = this.#world.random.integer(1, MAX_EVENTS);
		this.#askForPart(region, { topic, after, limit }, (part) => {
			if (part === undefined) {
				done(false);
				return;
			}
			const last = part.events.at(-1);
			if (last === undefined) {
				this.#pull(region, others, done);
				return;
			}
			const isOver = last.offset >= part.head || last.offset <= after;
			inTurn(
				[
					this.#write((store) => store.keepEvents(region, new Map([[topic, part]]))),
					(next) => this.#pull(region, isOver ? others : [[topic, last.offset], ...others], next),
				],
				done,
			);
		});
	}

	#replicate(region: string, rows: ReadonlyMap<string, LikesRows>, reached?: Reached): Step {
		const bySubject = new Map([...rows].map(([topic, likes]) => [subjectOf(topic), likes]));
		return this.#write((store) => store.replicate(region, bySubject, reached));
	}

	/** Which of the logs have holes. */
	#look(region: string, logs: readonly string[], found: (missing: ReadonlyMap<string, number>) => void): Step {
		return (next) =>
			askStore(
				this.#world,
				this.#node,
				(store) => store.missing(region, logs),
				(missing) => {
					if (missing !== undefined) found(missing);
					next(missing !== undefined);
				},
			);
	}

	#write(write: (store: SimulatedStore) => true): Step {
		return (next) => askStore(this.#world, this.#node, write, (done) => next(done === true));
	}

	#publish(rows: ReadonlyMap<string, LikesRows>, isWanted: (topic: string) => boolean): Step {
		return (next) => {
			const wanted = new Map([...rows].filter(([topic]) => isWanted(topic)));
			this.#node.publish(newsOf(wanted, this.#node.process.now));
			next(true);
		};
	}
}

/** One after the other, up to the first that does not work. */
function inTurn(steps: readonly Step[], done: (worked: boolean) => void): void {
	const [first, ...others] = steps;
	if (first === undefined) done(true);
	else first((worked) => (worked ? inTurn(others, done) : done(false)));
}
