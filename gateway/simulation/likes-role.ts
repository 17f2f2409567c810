import { revisionOf } from '../src/delivery/likes.ts';
import { GroupCommit } from '../src/likes/group-commit.ts';
import { newsOf } from '../src/likes/news.ts';
import { type Command, type Outcome, outcomeAt } from '../src/store/store.ts';
import type { Node } from './node.ts';
import { DATABASE_MS } from './store-access.ts';
import type { World } from './world.ts';

/** The Likes service of a node on virtual time: `createLikesService` without promises and HTTP. */
export class LikesRole {
	/** It takes no more likes. */
	closing = false;
	readonly #node: Node;
	readonly #commits = new GroupCommit<{ command: Command; answer: (outcome: Outcome) => void }>({
		windowMs: 5,
		maxBatch: 8,
		maxWaiting: 1_000,
	});
	readonly #wake: () => void;

	constructor(world: World, node: Node) {
		const { random, region, store } = world;
		const { process } = node;
		this.#node = node;
		this.#wake = process.alarm((now) => {
			const batch = this.#commits.take(now);
			if (batch === undefined) return this.#commits.dueAt;
			const commands = batch.map(({ command }) => command);
			process.after(random.next() * DATABASE_MS, () => {
				if (!store.isOpen) {
					this.#commits.finish();
					this.#wake();
					return;
				}
				const commit = store.commit(commands);
				for (const [video, rows] of commit.rows) world.onCommit(video, revisionOf(rows));
				process.after(random.next() * DATABASE_MS, () => {
					this.#commits.finish();
					for (const [index, { answer }] of batch.entries()) answer(outcomeAt(commit, index));
					node.publish(newsOf(region, commands, commit));
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

	receive(command: Command, answer: (outcome: Outcome) => void): void {
		this.#node.process.run(() => {
			if (!this.closing && this.#commits.add({ command, answer })) this.#wake();
		});
	}
}
