import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { until } from '../../local-cluster/until.ts';
import { type StreamListener, ViewerStream } from '../drill/viewers/viewer-stream.ts';
import type { Target } from './target.ts';

const VIDEO = 'honest';
const VIEWERS = 5;

/** The pause between two likes, in milliseconds. */
const LIKE_EVERY_MS = 100;

/** A like that a viewer receives later than this is late, in milliseconds. */
const LATE_MS = 2_000;

/** The time in which every viewer must receive every like after an attack, in milliseconds. */
const CATCH_UP_MS = 60_000;

type Headers = Readonly<Record<string, string>>;

/** What honest viewers received of the likes of one attack. */
export interface Seen {
	readonly sent: number;
	/** The number of pairs of a like and a viewer that received it late. */
	readonly late: number;
	/** The number of pairs of a like and a viewer that never received it. */
	readonly never: number;
	/** Events that no viewer should receive. */
	readonly violations: readonly string[];
}

/** Viewers that read, and a user that sends each like with one id until the gateway accepts it. */
export class Honest {
	readonly #target: Target;
	readonly #viewers: ViewerStream[] = [];
	readonly #violations: string[] = [];
	/** The total and the time of the answer to each like. */
	#answered: { total: number; at: number }[] = [];
	#received: { viewer: number; total: number; at: number }[] = [];
	#total = 0;
	#liking: Promise<void> | undefined;
	#stopped = false;

	constructor(target: Target) {
		this.#target = target;
	}

	async start(): Promise<void> {
		const headers = await this.#target.as('ann');
		for (let viewer = 0; viewer < VIEWERS; viewer++) this.#watch(viewer, headers);
		await until(() => this.#viewers.every((stream) => stream.totals(VIDEO) !== undefined), {
			what: 'the first snapshot of each viewer',
			timeoutMs: CATCH_UP_MS,
		});
		this.#liking = this.#like(headers);
	}

	/** Returns what happened since the last call; first waits until a like is accepted and every viewer has every like. */
	async takeSeen(): Promise<Seen> {
		const hasLike = () => this.#answered.length > 0;
		await until(hasLike, { what: 'a like', timeoutMs: CATCH_UP_MS }).catch(() => undefined);
		const { length: sent } = this.#answered;
		const total = this.#answered.at(-1)?.total ?? 0;
		const answered = this.#answered.splice(0, sent);
		const holds = (stream: ViewerStream) => (stream.totals(VIDEO)?.heart ?? 0) >= total;
		const caughtUp = await until(() => this.#viewers.every(holds), {
			what: 'every viewer',
			timeoutMs: CATCH_UP_MS,
		}).then(
			() => true,
			() => false,
		);
		const received = this.#received;
		this.#received = [];
		let [late, never] = [0, 0];
		for (const like of answered) {
			for (let viewer = 0; viewer < VIEWERS; viewer++) {
				const frame = received.find((one) => one.viewer === viewer && one.total >= like.total);
				if (frame === undefined) never += caughtUp ? 0 : 1;
				else if (frame.at - like.at > LATE_MS) late++;
			}
		}
		return { sent, late, never, violations: this.#violations.splice(0) };
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		await this.#liking;
		for (const viewer of this.#viewers) viewer.close();
	}

	#watch(viewer: number, headers: Headers): void {
		const listener: StreamListener = {
			onHello: () => undefined,
			onBye: () => undefined,
			onLogEvent: () => undefined,
			onBytes: () => undefined,
			onLikes: ({ totals }) => this.#received.push({ viewer, total: totals.heart ?? 0, at: performance.now() }),
			onDown: () => {
				if (!this.#stopped) this.#violations.push('the stream of an honest viewer ended');
			},
			onViolation: (what) => this.#violations.push(what),
		};
		this.#viewers[viewer] = new ViewerStream(this.#target.url, [VIDEO], listener, [], headers);
	}

	async #like(proof: Headers): Promise<void> {
		const headers = { 'Content-Type': 'application/json', ...proof };

		while (!this.#stopped) {
			const body = JSON.stringify({ id: randomUUID() });
			const likes = this.#target.url + paths.likes(VIDEO);
			const answer = await sendUntilAccepted(
				() => fetch(likes, { method: 'POST', body, headers }),
				() => this.#stopped,
			);
			if (answer === undefined) return;
			this.#total = Math.max(this.#total, answer.totals.heart ?? 0);
			this.#answered.push({ total: this.#total, at: performance.now() });
			await new Promise((after) => setTimeout(after, LIKE_EVERY_MS));
		}
	}
}

async function sendUntilAccepted(
	send: () => Promise<Response>,
	isOver: () => boolean,
): Promise<{ readonly totals: Readonly<Record<string, number>> } | undefined> {
	while (!isOver()) {
		const response = await send().catch(() => undefined);
		if (response?.ok) return (await response.json()) as { readonly totals: Readonly<Record<string, number>> };
		await new Promise((after) => setTimeout(after, LIKE_EVERY_MS));
	}
	return undefined;
}
