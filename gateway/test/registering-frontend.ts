import type { Ring } from '../src/cluster/membership/ring.ts';
import { SubscriptionTable } from '../src/dispatcher/fan-out/subscription-table.ts';
import {
	type Registered,
	type RegistrationMessage,
	SubscriptionSync,
} from '../src/frontend/subscriptions/subscription-sync.ts';
import { registrationOf } from './registrations.ts';

/** The topics of a frontend, with their counts. */
export class RegisteredTopics extends Map<string, number> implements Registered {
	readonly hashes = new Map<string, number>();
	readonly unread = new Map<string, readonly string[]>();

	registration(topic: string) {
		const count = this.get(topic);
		const unread = this.unread.get(topic);
		if (count === undefined) return undefined;
		return registrationOf(topic, { count, hash: this.hashes.get(topic), ...(unread && { unread }) });
	}

	topicNames(): Iterable<string> {
		return this.keys();
	}
}

/** A frontend that registers its topics, and the tables of three dispatchers. */
export class RegisteringFrontend {
	readonly topics = new RegisteredTopics();
	readonly sync: SubscriptionSync;
	/** The tables of the dispatchers. */
	readonly tables = new Map(['d1', 'd2', 'd3'].map((node) => [node, new SubscriptionTable()]));
	now = 0;

	constructor(ring: Ring) {
		this.sync = new SubscriptionSync('f1', 7, this.topics, ring);
	}

	/** Returns the messages that leave now, by dispatcher. */
	take(): Map<string, RegistrationMessage> {
		return new Map(this.sync.take(this.now).map((outgoing) => [outgoing.to, outgoing]));
	}

	/** Returns the sums of the buckets of the dispatcher, when they differ. */
	answer({ to, message }: RegistrationMessage): string | undefined {
		return this.tables.get(to)?.subscribe(message, this.now).buckets;
	}

	/** Delivers all pending messages, and their answers. */
	deliverAll(): RegistrationMessage[] {
		const messages: RegistrationMessage[] = [];
		for (let due = this.sync.take(this.now); due.length > 0; due = this.sync.take(this.now)) {
			for (const outgoing of due) this.sync.arrived(outgoing, this.answer(outgoing));
			messages.push(...due);
		}
		return messages;
	}

	follow(topic: string, count: number): void {
		this.topics.set(topic, count);
		this.sync.changed(topic);
	}
}
