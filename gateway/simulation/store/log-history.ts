import type { LogCommand, LogOutcome } from '../../src/store/log-store.ts';
import { Violation } from '../engine/violation.ts';

/** The name of a comment: users of two regions may have written the same id. */
export interface CommentName {
	readonly id: string;
	/** The author. */
	readonly user: string;
}

/** An event that a store appended to the log of a topic. */
export interface WrittenEvent {
	readonly topic: string;
	readonly offset: number;
	/** The id of the comment, also where the event is its deletion. */
	readonly id: string;
	/** The author of the comment, also where the event is its deletion. */
	readonly user: string;
	readonly kind: 'comment' | 'comment-deleted';
	readonly order: number;
	/** When the store appended it, in virtual time. */
	readonly at: number;
	/** When the comment was deleted; undefined until then. */
	erasedAt: number | undefined;
}

/** The logs that the store of a region must have in one epoch, computed without SQL. */
export class LogHistory {
	readonly epoch: number;
	readonly #byTopic = new Map<string, WrittenEvent[]>();
	readonly #byName = new Map<string, WrittenEvent>();

	readonly #onDeletion: (name: CommentName, at: number) => void;

	/** `onDeletion` is called when the log gets the deletion of a comment of any region. */
	constructor(epoch: number, onDeletion: (name: CommentName, at: number) => void) {
		this.epoch = epoch;
		this.#onDeletion = onDeletion;
	}

	/** Returns the events of a topic, the one with offset 1 first. */
	of(topic: string): readonly WrittenEvent[] {
		return this.#byTopic.get(topic) ?? [];
	}

	/** Returns the event of a comment, or of its deletion. */
	find(kind: WrittenEvent['kind'], { id, user }: CommentName): WrittenEvent | undefined {
		return this.#byName.get(`${kind} ${id} ${user}`);
	}

	/** Returns whether an event was added after `from` and up to `until`, in virtual time. */
	wroteBetween(from: number, until: number): boolean {
		return [...this.#byTopic.values()].flat().some(({ at }) => at > from && at <= until);
	}

	/** Records the outcome of a command. Returns the comment, or the deletion of one, that it added to the log. */
	take(command: LogCommand, outcome: LogOutcome, at: number): WrittenEvent | undefined {
		if (outcome.kind !== 'added' || command.kind === 'end') return undefined;
		const { offset, id, kind, order } = outcome.event;
		if (kind !== 'comment' && kind !== 'comment-deleted') return undefined;
		const { topic, user } = command;
		const written = { topic, offset, id, user, kind, order, at, erasedAt: undefined };
		this.add(written);
		return written;
	}

	add({ topic, offset, id, user, kind, order, at }: WrittenEvent): void {
		const log = this.#byTopic.get(topic) ?? [];
		this.#byTopic.set(topic, log);
		if (offset !== log.length + 1) throw new Violation(`${topic} has event ${offset} behind event ${log.length}`);
		const before = log.at(-1);
		if (before !== undefined && before.order >= order) {
			throw new Violation(`${topic} has event ${offset} with an order that is not behind event ${before.offset}`);
		}
		const written = { topic, offset, id, user, kind, order, at, erasedAt: undefined };
		log.push(written);
		this.#byName.set(`${kind} ${id} ${user}`, written);
		if (kind === 'comment-deleted') this.#onDeletion({ id, user }, at);
	}

	/** Records that an event of this log, or of another region's, deletes a comment of this log. */
	erase(name: CommentName, at: number): void {
		const comment = this.find('comment', name);
		if (comment !== undefined) comment.erasedAt ??= at;
	}
}

/** The logs that the stores of all regions ever wrote, by region and epoch. */
export class LogHistories {
	readonly #logs = new Map<string, LogHistory[]>();

	/** Begins the logs of a store that is created or restored. */
	begin(region: string, epoch: number): LogHistory {
		const log = new LogHistory(epoch, (name, at) => {
			for (const [, current] of this.current()) current.erase(name, at);
		});
		this.#logs.set(region, [...(this.#logs.get(region) ?? []), log]);
		return log;
	}

	/** Returns the present logs of each region. */
	current(): [region: string, log: LogHistory][] {
		return [...this.#logs].map(([region, logs]) => [region, logs.at(-1) as LogHistory]);
	}

	/** Returns the logs of a region in an epoch. */
	of(region: string, epoch: number): LogHistory | undefined {
		return this.#logs.get(region)?.find((log) => log.epoch === epoch);
	}
}
