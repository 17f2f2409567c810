import type { LogOutcome } from '../../src/store/log-store.ts';
import { Violation } from '../node/environment.ts';
import type { CommentCommand } from '../workload/commenters.ts';

/** Names a comment: users of two regions may have written one id. */
export interface CommentName {
	readonly id: string;
	/** The author. */
	readonly user: string;
}

/** An event that a store put into the log of a topic. */
export interface Written {
	readonly topic: string;
	readonly offset: number;
	/** Of a deletion, that of the comment. */
	readonly id: string;
	/** The author of the comment, also of one that is deleted. */
	readonly user: string;
	readonly kind: 'comment' | 'comment-deleted';
	readonly order: number;
	/** When that was, in virtual time. */
	readonly at: number;
	/** When the comment was deleted; undefined while it stands. */
	erasedAt: number | undefined;
}

/** What a store of some region has to have in its logs in one epoch, told without SQL. */
export class WrittenLog {
	readonly epoch: number;
	readonly #byTopic = new Map<string, Written[]>();
	readonly #byName = new Map<string, Written>();

	readonly #onDeletion: (name: CommentName, at: number) => void;

	/** `onDeletion`: the log has the deletion of a comment, of whatever region. */
	constructor(epoch: number, onDeletion: (name: CommentName, at: number) => void) {
		this.epoch = epoch;
		this.#onDeletion = onDeletion;
	}

	/** The events of a topic, the one with offset 1 first. */
	of(topic: string): readonly Written[] {
		return this.#byTopic.get(topic) ?? [];
	}

	/** A comment, or that it was deleted. */
	find(kind: Written['kind'], { id, user }: CommentName): Written | undefined {
		return this.#byName.get(`${kind} ${id} ${user}`);
	}

	/** Whether an event was added after one time and up to another, in virtual time. */
	wroteBetween(from: number, until: number): boolean {
		return [...this.#byTopic.values()].flat().some(({ at }) => at > from && at <= until);
	}

	/** Takes in what a command came to; gives back what that added to the log. */
	take({ topic, user }: CommentCommand, outcome: LogOutcome, at: number): Written | undefined {
		if (outcome.kind !== 'added') return undefined;
		const { offset, id, kind, order } = outcome.event;
		if (kind !== 'comment' && kind !== 'comment-deleted') throw new Violation(`a ${kind} was added to ${topic}`);
		const written = { topic, offset, id, user, kind, order, at, erasedAt: undefined };
		this.add(written);
		return written;
	}

	add({ topic, offset, id, user, kind, order, at }: Written): void {
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

	/** A comment of this log is deleted, by an event of this log or of another region's. */
	erase(name: CommentName, at: number): void {
		const comment = this.find('comment', name);
		if (comment !== undefined) comment.erasedAt ??= at;
	}
}

/** What the stores of all regions ever wrote, by region and epoch. */
export class WrittenLogs {
	readonly #logs = new Map<string, WrittenLog[]>();

	/** The store of a region begins, or was restored. */
	begin(region: string, epoch: number): WrittenLog {
		const log = new WrittenLog(epoch, (name, at) => {
			for (const [, current] of this.current()) current.erase(name, at);
		});
		this.#logs.set(region, [...(this.#logs.get(region) ?? []), log]);
		return log;
	}

	/** What is in the store of each region now. */
	current(): [region: string, log: WrittenLog][] {
		return [...this.#logs].map(([region, logs]) => [region, logs.at(-1) as WrittenLog]);
	}

	/** What the store of a region had in an epoch. */
	of(region: string, epoch: number): WrittenLog | undefined {
		return this.#logs.get(region)?.find((log) => log.epoch === epoch);
	}
}
