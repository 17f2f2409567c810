import type { Clock } from '../runtime/clock.ts';
import { GatewayError } from '../runtime/errors.ts';
import { createRunLoop } from '../runtime/run-loop.ts';
import { GroupCommit } from './group-commit.ts';
import type { StoreHealth } from './store-health.ts';

/** The most commands of one transaction. */
const MAX_BATCH = 512;

/** The most commands that wait for a transaction; further ones fail with 503, and their clients retry. */
const MAX_WAITING = 20_000;

export interface CommitterOptions<Command, Result> {
	/** The time in which commands gather for one transaction, in milliseconds. */
	readonly windowMs: number;
	/** Executes a batch. Resolves with a result for each command, in order; rejects on failure. */
	readonly carryOut: (commands: readonly Command[]) => Promise<readonly Result[]>;
	readonly health: StoreHealth;
	readonly clock?: Clock | undefined;
}

/** Gathers single commands into transactions. */
export interface Committer<Command, Result> {
	/** Settles after the commit. Rejects: `overloaded`, `store_unavailable` or `shutting_down`. */
	submit(command: Command): Promise<Result>;
	/** Takes no more commands, and settles when all accepted ones are executed. A second call is allowed. */
	close(): Promise<void>;
}

interface Pending<Command, Result> {
	readonly command: Command;
	resolve(result: Result): void;
	reject(error: GatewayError): void;
}

export function createCommitter<Command, Result>(
	options: CommitterOptions<Command, Result>,
): Committer<Command, Result> {
	const { windowMs, carryOut, health, clock } = options;
	const commits = new GroupCommit<Pending<Command, Result>>({
		windowMs,
		maxBatch: MAX_BATCH,
		maxWaiting: MAX_WAITING,
	});
	const loop = createRunLoop((now) => {
		const batch = commits.take(now);
		if (batch !== undefined) void commit(batch);
		return commits.dueAt;
	}, clock);
	let closing = false;
	const whenIdle: (() => void)[] = [];

	async function carryOutAll(batch: readonly Pending<Command, Result>[]): Promise<void> {
		try {
			const results = await carryOut(batch.map(({ command }) => command));
			health.worked();
			for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
		} catch (cause) {
			const error = health.failed(cause);
			// A command that the store refuses rolls the transaction of all back: each is tried alone.
			if (batch.length > 1 && error.code === 'internal_error') for (const one of batch) await carryOutAll([one]);
			else for (const { reject } of batch) reject(error);
		}
	}

	async function commit(batch: readonly Pending<Command, Result>[]): Promise<void> {
		await carryOutAll(batch);
		commits.finish();
		loop.wake();
		if (commits.idle) for (const done of whenIdle) done();
	}

	return {
		submit(command) {
			if (closing) return Promise.reject(new GatewayError('shutting_down', 'This gateway is shutting down.'));
			return new Promise((resolve, reject) => {
				if (commits.add({ command, resolve, reject })) loop.wake();
				else reject(new GatewayError('overloaded', `${MAX_WAITING} writes wait for the store; try again.`));
			});
		},
		async close() {
			closing = true;
			if (!commits.idle) await new Promise<void>((resolve) => whenIdle.push(resolve));
			loop.stop();
		},
	};
}
