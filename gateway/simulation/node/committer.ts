import { GroupCommit } from '../../src/ingest/group-commit.ts';
import type { Environment } from './environment.ts';
import type { NodeContext } from './peer-port.ts';
import { DATABASE_MS } from './store-access.ts';

/** The result of a transaction. */
export interface Committed<Outcome> {
	/** One for each command. */
	readonly outcomes: readonly Outcome[];
	/** Publishes what changed, once the commands are answered. */
	publish(): void;
}

export interface CommitterOptions<Command, Outcome> {
	readonly environment: Environment;
	readonly node: NodeContext;
	/** Runs one transaction in the store of the region. */
	readonly carryOut: (commands: readonly Command[]) => Committed<Outcome>;
}

/** Gathers commands into transactions on virtual time: `createCommitter` without promises. */
export class Committer<Command, Outcome> {
	readonly #commits = new GroupCommit<{ command: Command; answer: (outcome: Outcome) => void }>({
		windowMs: 5,
		maxBatch: 8,
		maxWaiting: 1_000,
	});
	readonly #wake: () => void;

	constructor({ environment, node, carryOut }: CommitterOptions<Command, Outcome>) {
		const { random, store } = environment;
		const { process } = node;
		this.#wake = process.createRunLoop((now) => {
			const batch = this.#commits.take(now);
			if (batch === undefined) return this.#commits.dueAt;
			process.after(random.next() * DATABASE_MS, () => {
				if (!store.isOpen) {
					this.#commits.finish();
					this.#wake();
					return;
				}
				const { outcomes, publish } = carryOut(batch.map(({ command }) => command));
				process.after(random.next() * DATABASE_MS, () => {
					this.#commits.finish();
					for (const [index, { answer }] of batch.entries()) answer(outcomes[index] as Outcome);
					publish();
					environment.onFailpoint(node, 'answered');
					this.#wake();
				});
				environment.onFailpoint(node, 'committed');
			});
			return undefined;
		});
	}

	/** Whether all commands are committed, answered and published. */
	get idle(): boolean {
		return this.#commits.idle;
	}

	submit(command: Command, answer: (outcome: Outcome) => void): void {
		if (this.#commits.add({ command, answer })) this.#wake();
	}
}
