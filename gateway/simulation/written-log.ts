import type { LogOutcome } from '../src/store/log-store.ts';
import { Violation } from './world.ts';

/** An event that a store put into the log of a topic. */
export interface Written {
	readonly topic: string;
	readonly offset: number;
	/** Of a deletion, that of the comment. */
	readonly id: string;
	readonly kind: 'comment' | 'comment-deleted';
	/** When that was, in virtual time. */
	readonly at: number;
	/** When the comment was deleted; undefined while it stands. */
	erasedAt: number | undefined;
}

/** What a store of some region has to have in its logs in one epoch, told without SQL. */
export class WrittenLog {
	readonly epoch: number;
	readonly #byTopic = new Map<string, Written[]>();
	readonly #byId = new Map<string, Written>();

	constructor(epoch: number) {
		this.epoch = epoch;
	}

	/** The events of a topic, the one with offset 1 first. */
	of(topic: string): readonly Written[] {
		return this.#byTopic.get(topic) ?? [];
	}

	/** A comment, or that it was deleted. */
	find(kind: Written['kind'], id: string): Written | undefined {
		return this.#byId.get(`${kind} ${id}`);
	}

	/** Takes in what a command came to; gives back what that added to the log. */
	take(topic: string, outcome: LogOutcome, at: number): Written | undefined {
		if (outcome.kind !== 'added') return undefined;
		const { offset, id, kind } = outcome.event;
		if (kind !== 'comment' && kind !== 'comment-deleted') throw new Violation(`a ${kind} was added to ${topic}`);
		const written = { topic, offset, id, kind, at, erasedAt: undefined };
		this.add(written);
		return written;
	}

	add({ topic, offset, id, kind, at }: Written): void {
		const log = this.#byTopic.get(topic) ?? [];
		this.#byTopic.set(topic, log);
		if (offset !== log.length + 1) throw new Violation(`${topic} has event ${offset} behind event ${log.length}`);
		const written = { topic, offset, id, kind, at, erasedAt: undefined };
		log.push(written);
		this.#byId.set(`${kind} ${id}`, written);
		const comment = kind === 'comment-deleted' ? this.find('comment', id) : undefined;
		if (comment !== undefined) comment.erasedAt = at;
	}
}

/** What the stores of all regions ever wrote, by region and epoch. */
export class WrittenLogs {
	readonly #logs = new Map<string, WrittenLog[]>();

	/** The store of a region begins, or was restored. */
	begin(region: string, epoch: number): WrittenLog {
		const log = new WrittenLog(epoch);
		this.#logs.set(region, [...(this.#logs.get(region) ?? []), log]);
		return log;
	}

	/** What is in the store of each region now. */
	current(): [region: string, log: WrittenLog][] {
		return [...this.#logs].map(([region, logs]) => [region, logs.at(-1) as WrittenLog]);
	}

	/** The region whose store ever had this, each comment being written in one region only. */
	regionOf(kind: Written['kind'], id: string): string | undefined {
		for (const [region, logs] of this.#logs) if (logs.some((log) => log.find(kind, id) !== undefined)) return region;
		return undefined;
	}

	/** What the store of a region had in an epoch. */
	of(region: string, epoch: number): WrittenLog | undefined {
		return this.#logs.get(region)?.find((log) => log.epoch === epoch);
	}
}
