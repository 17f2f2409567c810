import { GatewayError } from '../runtime/errors.ts';
import { createRunLoop } from '../runtime/run-loop.ts';
import { GroupCommit } from './group-commit.ts';
import type { StoreHealth } from './store-health.ts';

/** Most commands of one transaction. */
const MAX_BATCH = 512;

/** Most commands that wait for a transaction; beyond it one is refused with 503, and its client tries again. */
const MAX_WAITING = 20_000;

export interface CommitterOptions<Command, Result> {
	/** A transaction gathers what arrives in so many milliseconds. */
	readonly windowMs: number;
	/** Carries a batch out and answers each command, in their order. Rejects when the store did not do it. */
	readonly carryOut: (commands: readonly Command[]) => Promise<readonly Result[]>;
	readonly health: StoreHealth;
}

/** Commands one by one in, transactions of many out. */
export interface Committer<Command, Result> {
	/** Settles after the commit. Rejects with a {@link GatewayError}: `overloaded`, `store_unavailable` or `shutting_down`. */
	submit(command: Command): Promise<Result>;
	/** Takes nothing more, and settles when all that was taken is carried out. May be called twice. */
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
	const { windowMs, carryOut, health } = options;
	const commits = new GroupCommit<Pending<Command, Result>>({
		windowMs,
		maxBatch: MAX_BATCH,
		maxWaiting: MAX_WAITING,
	});
	const alarm = createRunLoop((now) => {
		const batch = commits.take(now);
		if (batch !== undefined) void commit(batch);
		return commits.dueAt;
	});
	let closing = false;
	const whenIdle: (() => void)[] = [];

	async function carryOutAll(batch: readonly Pending<Command, Result>[]): Promise<void> {
		try {
			const results = await carryOut(batch.map(({ command }) => command));
			health.worked();
			for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
		} catch (cause) {
			const error = health.failed(cause);
			// One command that the store refuses undid the transaction of all: each is tried alone.
			if (batch.length > 1 && error.code === 'internal_error') for (const one of batch) await carryOutAll([one]);
			else for (const { reject } of batch) reject(error);
		}
	}

	async function commit(batch: readonly Pending<Command, Result>[]): Promise<void> {
		await carryOutAll(batch);
		commits.finish();
		alarm.wake();
		if (commits.idle) for (const done of whenIdle) done();
	}

	return {
		submit(command) {
			if (closing) return Promise.reject(new GatewayError('shutting_down', 'This gateway is shutting down.'));
			return new Promise((resolve, reject) => {
				if (commits.add({ command, resolve, reject })) alarm.wake();
				else reject(new GatewayError('overloaded', `${MAX_WAITING} writes wait for the store; try again.`));
			});
		},
		async close() {
			closing = true;
			if (!commits.idle) await new Promise<void>((resolve) => whenIdle.push(resolve));
			alarm.stop();
		},
	};
}
