import { updatesOf } from '../../src/ingest/likes-updates.ts';
import { logUpdateOf } from '../../src/ingest/log-updates.ts';
import { NO_LIKES, revisionOf } from '../../src/state/counters.ts';
import { mergeValues, type Values } from '../../src/state/registers.ts';
import { idOf, kindOf } from '../../src/state/topics/topic.ts';
import type { Update } from '../../src/state/update.ts';
import type { LogCommand, LogOutcome } from '../../src/store/log-store.ts';
import { type Command, type Outcome, outcomeAt } from '../../src/store/store.ts';
import { Committer } from './committer.ts';
import type { Environment } from './environment.ts';
import type { NodeContext } from './peer-port.ts';

/** A value of a register that a node must store. */
export interface KeepCommand {
	readonly topic: string;
	/** Without the region, which is that of the node that takes it. */
	readonly kind: string;
	readonly key: string;
	readonly order: number;
	readonly value: string;
}

/** The Likes and log services of a node, and its receipts, on virtual time: without promises and HTTP. */
export class LikesRole {
	/** Whether it takes no more commands. */
	closing = false;
	readonly #node: NodeContext;
	readonly #likes: Committer<Command, Outcome>;
	readonly #log: Committer<LogCommand, LogOutcome>;
	readonly #values: Committer<KeepCommand, true>;

	constructor(environment: Environment, node: NodeContext) {
		const { region, store, clock } = environment;
		this.#node = node;
		this.#likes = new Committer({
			environment,
			node,
			carryOut(commands) {
				const commit = store.commit(commands);
				for (const [topic, rows] of commit.rows) {
					if (kindOf(topic) === 'video') environment.onCommit(idOf(topic), revisionOf(rows), node);
				}
				return {
					outcomes: commands.map((_, index) => outcomeAt(commit, index)),
					publish: () => node.publish(updatesOf(region, commands, commit)),
				};
			},
		});
		this.#log = new Committer({
			environment,
			node,
			carryOut(commands) {
				const commit = store.append(commands, clock.now);
				return { outcomes: commit.outcomes, publish: () => node.publish(logUpdateOf(region, commands, commit)) };
			},
		});
		this.#values = new Committer({
			environment,
			node,
			carryOut(commands) {
				const byTopic = new Map<string, Values>();
				for (const { topic, kind, key, order, value } of commands) {
					const values = { [kind]: { [key]: { order, value, from: region } } };
					byTopic.set(topic, mergeValues(byTopic.get(topic), values) ?? values);
				}
				store.keepValues(byTopic);
				const updates = [...byTopic].map(([topic, values]): [string, Update] => [
					topic,
					{ rows: NO_LIKES, complete: false, sample: [], at: node.wallTime, values },
				]);
				return { outcomes: commands.map(() => true as const), publish: () => node.publish(new Map(updates)) };
			},
		});
	}

	/** Whether all commands are committed, answered and published. */
	get idle(): boolean {
		return this.#likes.idle && this.#log.idle && this.#values.idle;
	}

	receive(command: Command, answer: (outcome: Outcome) => void): void {
		this.#node.process.run(() => {
			if (!this.closing) this.#likes.submit(command, answer);
		});
	}

	receiveValue(command: KeepCommand, answer: (kept: true) => void): void {
		this.#node.process.run(() => {
			if (!this.closing) this.#values.submit(command, answer);
		});
	}

	receiveLog(command: LogCommand, answer: (outcome: LogOutcome) => void): void {
		this.#node.process.run(() => {
			if (!this.closing) this.#log.submit(command, answer);
		});
	}
}
