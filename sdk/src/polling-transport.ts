import {
	diffTotals,
	type LikesEvent,
	type PollAnswer,
	type PollEvent,
	paths,
	sumTotals,
	uuid,
} from '@likewire/protocol';
import { temporary } from './errors.ts';
import type { Transport, TransportHandlers } from './transport.ts';

/** The delay before an extra poll after the client follows a topic, in milliseconds. */
const SOON_MS = 20;

/** The silence that the watchdog allows, in poll intervals. */
const HEARTBEAT_INTERVALS = 3;

/**
 * Creates the events of a stream from repeated requests, for networks that let no stream through.
 * A poll answers with states: the transport drops those that equal the ones before, and adds as `delta` what totals
 * grew by.
 */
export function createPollingTransport(handlers: TransportHandlers): Transport {
	/**
	 * The ids of this viewer, one for each part of a long list.
	 * A viewer counts for the topics of one poll.
	 */
	const viewers: string[] = [];
	/** The newest state of each kind and topic, as JSON. */
	const states = new Map<string, string>();
	const likes = new Map<string, LikesEvent>();
	let timer: ReturnType<typeof setTimeout> | undefined;
	/** Counts rounds; answers of an earlier one are dropped. */
	let round = 0;
	let isOpen = false;
	let isPolling = false;

	function end(): void {
		round++;
		clearTimeout(timer);
		isOpen = isPolling = false;
		states.clear();
		likes.clear();
	}

	function fail(error: unknown): void {
		end();
		const mine = round;
		const waitMs = Math.random() * handlers.onDown(error);
		if (mine === round) timer = setTimeout(poll, waitMs);
	}

	function show({ event, id, data }: PollEvent): void {
		if (id === undefined) {
			// The fields that identify the state: a video, a conversation with its user, a user.
			const { video, conversation, user } = data as { video?: string; conversation?: string; user?: string };
			const key = `${event} ${video} ${conversation} ${user}`;
			const { at: _, ...state } = data as { at?: number };
			const text = JSON.stringify(state);
			if (states.get(key) === text) return;
			states.set(key, text);
		}
		handlers.onMessage(event, event === 'likes' ? withDelta(data) : data, id);
	}

	function withDelta(event: Omit<LikesEvent, 'delta'>): LikesEvent {
		const before = likes.get(event.video);
		const delta = before === undefined ? {} : diffTotals(before.totals, event.totals);
		const update = { ...event, delta, of: Math.max(0, sumTotals(delta)) };
		likes.set(event.video, update);
		return update;
	}

	async function ask(address: string): Promise<PollAnswer> {
		const url = address.replace(/\?.*/, '');
		// No cache keeps the answer. With the option `cache`, React Native would add a parameter that no gateway knows.
		const response = await fetch(address).catch((cause: unknown) => {
			throw temporary('network', `${url} could not be reached.`, cause);
		});
		const answer = (await response.json().catch(() => undefined)) as PollAnswer | undefined;
		if (!response.ok) {
			const { refusal } = await import('./parts.ts');
			throw refusal(url, response, answer);
		}
		if (Array.isArray(answer?.events) && answer.nextMs > 0) return answer;
		throw temporary('unexpected_answer', `${url} answered ${response.status}, but not as a Likewire gateway does.`);
	}

	async function poll(): Promise<void> {
		const mine = ++round;
		clearTimeout(timer);
		isPolling = true;
		try {
			if (!isOpen) await handlers.address();
			let nextMs = 0;
			for (const [index, address] of (await handlers.addresses()).entries()) {
				viewers[index] ??= uuid();
				const answer = await ask(`${address.replace(paths.stream, paths.poll)}&poll=${viewers[index]}`);
				if (mine !== round) return;
				nextMs = answer.nextMs;
				const { region, refused } = answer;
				if (!isOpen || refused !== undefined) {
					const none = { videos: [], conversations: [], presence: [], topics: [] };
					const times = { heartbeatMs: HEARTBEAT_INTERVALS * nextMs, maxLifetimeMs: 0 };
					handlers.onMessage('hello', { connection: '', node: '', region, ...times, ...none, refused }, undefined);
					isOpen = true;
				} else handlers.onMessage('heartbeat', {}, undefined);
				for (const event of answer.events) show(event);
				if (mine !== round) return;
			}
			isPolling = false;
			timer = setTimeout(poll, nextMs);
		} catch (error) {
			if (mine === round) fail(error);
		}
	}

	void poll();
	return {
		fail,
		close: end,
		wake() {
			if (!isOpen || isPolling) return;
			clearTimeout(timer);
			timer = setTimeout(poll, SOON_MS);
		},
	};
}
