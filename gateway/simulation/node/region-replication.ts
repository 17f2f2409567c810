import type { SyncPorts, Task } from '../../src/regions/sync-session.ts';
import type { LogPage } from '../../src/store/log-store.ts';
import type { Changes, Position } from '../../src/store/store.ts';
import type { Environment } from './environment.ts';
import type { Ask, EventsBehind, NodeContext } from './peer-port.ts';
import { askStore } from './store-access.ts';

/** The largest number of events in one request: small, so that a backfill takes several requests. */
const MAX_EVENTS = 3;

/** Requests to another region; an answer is undefined when the request failed. */
export interface RegionPorts {
	changes(region: string, since: Position | undefined, done: (page: Changes | undefined) => void): void;
	events(region: string, behind: EventsBehind, done: (part: LogPage | undefined) => void): void;
}

/** The outcome of a task; undefined when it failed. */
type Outcome<Answer> = { readonly answer: Answer } | undefined;

type Ports = {
	[Name in keyof SyncPorts]: (
		done: (outcome: Outcome<ReturnType<SyncPorts[Name]>>) => void,
		...of: Parameters<SyncPorts[Name]>
	) => void;
};

/**
 * Runs the tasks of a node's replication on virtual time. Tasks that may run at the same time run one
 * after the other.
 */
export class RegionReplication {
	readonly #ports: Ports;

	constructor(environment: Environment, node: NodeContext, regions: RegionPorts) {
		const outcome = <Answer>(done: (outcome: Outcome<Answer>) => void) => {
			return (answer: Answer | undefined) => done(answer === undefined ? undefined : { answer });
		};
		const write = (done: (outcome: Outcome<void>) => void, ask: Ask<true>) =>
			askStore(environment, node, ask, (kept) => done(kept && { answer: undefined }));
		this.#ports = {
			changes: (done, region, since) => regions.changes(region, since, outcome(done)),
			events(done, region, topic, after) {
				const limit = environment.random.integer(1, MAX_EVENTS);
				regions.events(region, { topic, after, limit }, outcome(done));
			},
			positions: (done) => askStore(environment, node, (store) => store.positions(), outcome(done)),
			replicate: (done, region, rows, reached) => write(done, (store) => store.replicate(region, rows, reached)),
			missing: (done, region, topics) =>
				askStore(environment, node, (store) => store.missing(region, topics), outcome(done)),
			keepEvents: (done, region, logs) => write(done, (store) => store.keepEvents(region, logs)),
			keepValues: (done, values) => write(done, (store) => store.keepValues(values)),
			publish(done, updates) {
				node.publish(updates);
				done({ answer: undefined });
			},
			wallTime: (done) => done({ answer: node.process.now }),
		};
	}

	run<Answer>(task: Task<Answer>, done: (outcome: Outcome<Answer>) => void, last?: unknown): void {
		const { done: isOver, value: step } = task.next(last);
		const next = (outcome: Outcome<unknown>) => {
			if (outcome === undefined) done(undefined);
			else this.run(task, done, outcome.answer);
		};
		if (isOver) done({ answer: step });
		else if ('all' in step) this.#inTurn(step.all, next);
		else this.#ask(step.ask, next, step.of);
	}

	#inTurn([first, ...others]: readonly Task<void>[], done: (outcome: Outcome<void>) => void): void {
		if (first === undefined) done({ answer: undefined });
		else this.run(first, (outcome) => (outcome === undefined ? done(undefined) : this.#inTurn(others, done)));
	}

	#ask(name: keyof SyncPorts, done: (outcome: Outcome<unknown>) => void, of: readonly unknown[]): void {
		const port = this.#ports[name] as (done: (outcome: Outcome<unknown>) => void, ...of: readonly unknown[]) => void;
		port(done, ...of);
	}
}
