import { GroupCommit } from '../../src/ingest/group-commit.ts';
import type { World } from './environment.ts';
import type { Node } from './node.ts';
import { DATABASE_MS } from './store-access.ts';

/** What a transaction came to: an outcome for each command, and what is to be told once they are answered. */
export interface Carried<Outcome> {
	readonly outcomes: readonly Outcome[];
	publish(): void;
}

export interface CommitterOptions<Command, Outcome> {
	readonly world: World;
	readonly node: Node;
	/** One transaction in the store of the region. */
	readonly carryOut: (commands: readonly Command[]) => Carried<Outcome>;
}

/** Commands one by one in, transactions of many out, on virtual time: `createCommitter` without promises. */
export class Committer<Command, Outcome> {
	readonly #commits = new GroupCommit<{ command: Command; answer: (outcome: Outcome) => void }>({
		windowMs: 5,
		maxBatch: 8,
		maxWaiting: 1_000,
	});
	readonly #wake: () => void;

	constructor({ world, node, carryOut }: CommitterOptions<Command, Outcome>) {
		const { random, store } = world;
		const { process } = node;
		this.#wake = process.alarm((now) => {
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
					world.onTrap(node, 'answered');
					this.#wake();
				});
				world.onTrap(node, 'committed');
			});
			return undefined;
		});
	}

	/** All that was taken is committed, answered and published. */
	get idle(): boolean {
		return this.#commits.idle;
	}

	submit(command: Command, answer: (outcome: Outcome) => void): void {
		if (this.#commits.add({ command, answer })) this.#wake();
	}
}
