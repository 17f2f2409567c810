import { Router } from '../../../gateway/src/cluster/routing/router.ts';
import { encodeRegistrationAnswer } from '../../../gateway/src/cluster/rpc/batches.ts';
import { registrationAnswer, registrationsMessage } from '../../../gateway/src/cluster/rpc/messages.ts';
import { Dispatch } from '../../../gateway/src/dispatcher/fan-out/dispatch.ts';
import {
	type RegistrationMessage,
	SubscriptionSync,
} from '../../../gateway/src/frontend/subscriptions/subscription-sync.ts';
import { TopicTable } from '../../../gateway/src/frontend/topic/topic-table.ts';
import { videoTopic } from '../../../gateway/src/state/topics/topic.ts';
import type { Update } from '../../../gateway/src/state/update.ts';
import { viewOf } from '../../../gateway/test/views.ts';

/** The period of digests, in milliseconds. */
const DIGEST_MS = 10_000;

/** Which topics change before a round, and whether the frontends receive the change. */
export interface Changes {
	readonly topics: number;
	readonly received: boolean;
}

/** What one digest cost. CPU in microseconds, with encoding, parsing and checking of both directions. */
export interface DigestCost {
	readonly dispatcherUs: number;
	readonly frontendUs: number;
	readonly requests: number;
	readonly bytes: number;
}

/**
 * A dispatcher and the digests of its frontends, in one process: the real code, without a network. All
 * frontends follow the same topics and have the same states, so they share a table of topics.
 */
export class DigestRounds {
	readonly #topics: readonly string[];
	readonly #table = new TopicTable({ windowMs: 50, commentsPerSecond: 0, onCount: () => undefined });
	readonly #dispatch: Dispatch;
	readonly #syncs: readonly SubscriptionSync[];
	#now = 0;
	#likes = 0;

	constructor(frontends: number, topics: number) {
		this.#topics = Array.from({ length: topics }, (_, index) => videoTopic(`bench-${index}`));
		const names = Array.from({ length: frontends }, (_, index) => `frontend-${index}`);
		const view = viewOf({ dispatchers: ['dispatcher-1'], frontends: names });
		const router = new Router('dispatcher-1', 0, view);
		this.#dispatch = new Dispatch({ self: 'dispatcher-1', windowMs: 0, router, view });
		for (const topic of this.#topics) this.#table.visit(topic, 0);
		this.#syncs = names.map((name) => new SubscriptionSync(name, 1, this.#table, view.ring));
		this.#exchange();
		for (let read = this.#dispatch.takeReads(); read.length > 0; read = this.#dispatch.takeReads()) {
			for (const topic of read) this.#dispatch.loaded(topic, { rows: {} }, 0);
		}
		this.#change(this.#topics, true);
		if (!this.#dispatch.settled) throw new Error('the dispatcher does not trust its table');
	}

	/** Changes topics, and measures the next digest of each frontend. */
	round({ topics, received }: Changes): DigestCost {
		this.#change(this.#topics.slice(0, topics), received);
		this.#now += DIGEST_MS;
		const begun = measure(() => {
			for (const sync of this.#syncs) sync.digest();
		});
		const cost = this.#exchange();
		if (!received) this.#deliver(this.#topics.slice(0, topics));
		const each = (sum: number) => sum / this.#syncs.length;
		return {
			dispatcherUs: each(cost.dispatcherUs),
			frontendUs: each(begun.us + cost.frontendUs),
			requests: each(cost.requests),
			bytes: each(cost.bytes),
		};
	}

	/** Sends messages until none waits, each step for all frontends. */
	#exchange(): DigestCost {
		let [dispatcherUs, frontendUs, requests, bytes] = [0, 0, 0, 0];
		for (;;) {
			const written = measure(() =>
				this.#syncs.flatMap((sync) =>
					sync.take(this.#now).map((outgoing) => ({ sync, outgoing, body: JSON.stringify(outgoing.message) })),
				),
			);
			frontendUs += written.us;
			if (written.result.length === 0) return { dispatcherUs, frontendUs, requests, bytes };
			const answered = measure(() => written.result.map(({ body }) => answer(this.#dispatch, body, this.#now)));
			dispatcherUs += answered.us;
			frontendUs += measure(() => {
				for (const [index, { sync, outgoing }] of written.result.entries()) {
					arrive(sync, outgoing, answered.result[index] as string);
				}
			}).us;
			requests += written.result.length;
			for (const { body } of written.result) bytes += body.length;
			for (const body of answered.result) bytes += body.length;
		}
	}

	#change(topics: readonly string[], received: boolean): void {
		this.#likes++;
		const updates = new Map(topics.map((topic) => [topic, this.#update(false)]));
		this.#dispatch.publishOwn(updates);
		this.#dispatch.fanOut(Number.POSITIVE_INFINITY);
		if (received) this.#deliver(topics);
	}

	#deliver(topics: readonly string[]): void {
		this.#table.deliver(new Map(topics.map((topic) => [topic, this.#update(true)])));
		for (const sync of this.#syncs) for (const topic of topics) sync.touched(topic);
	}

	#update(complete: boolean): Update {
		const rows = { local: { epoch: 1, counts: { heart: [this.#likes, 0] as const } } };
		return { rows, complete, sample: [], at: 0 };
	}
}

function measure<Result>(run: () => Result): { readonly result: Result; readonly us: number } {
	const before = process.cpuUsage();
	const result = run();
	const { user, system } = process.cpuUsage(before);
	return { result, us: user + system };
}

/** Takes a message as a dispatcher does, and returns the body of its answer. */
function answer(dispatch: Dispatch, body: string, now: number): string {
	const { updates, buckets } = dispatch.subscribe(registrationsMessage.parse(JSON.parse(body)), now);
	return updates.size === 0 && buckets === undefined ? '' : encodeRegistrationAnswer({ updates, buckets });
}

/** Takes an answer as a frontend does, except for the states. */
function arrive(sync: SubscriptionSync, outgoing: RegistrationMessage, body: string): void {
	const found = body === '' ? undefined : registrationAnswer.parse(JSON.parse(body));
	sync.arrived(outgoing, found?.buckets);
}
