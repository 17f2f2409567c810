import { uuid } from '@likewire/protocol';
import type { Connection, ConnectionOptions, ConnectionState, StreamConnection } from '../connection-options.ts';
import { LikewireError } from '../errors.ts';
import type { Credentials } from '../identity.ts';
import type { Page } from '../page-visibility.ts';
import type { TopicEventName } from '../topics/topic.ts';
import { createLeader, type Leader } from './leader.ts';
import type { LeaderMessage, TabMessage } from './messages.ts';

export interface TabOptions {
	readonly connection: ConnectionOptions;
	readonly createConnection: (options: ConnectionOptions) => StreamConnection;
	readonly page: Page;
	/** The same for all tabs that share a stream. */
	readonly group: string;
	/** Returns the group of tabs with these credentials; undefined when the user is unknown. */
	readonly groupOf: (credentials: Credentials) => string | undefined;
}

/**
 * Creates a connection that all tabs of a user share.
 * The leader, the tab that holds a lock, has the stream and sends its events to the others. A tab that dies releases
 * its locks, so the next tab leads at once, and the leader forgets a tab that followed.
 */
export function createTabConnection({ connection, createConnection, page, ...options }: TabOptions): Connection {
	const { identity } = connection;
	const id = uuid();
	const { locks } = navigator;
	let { group } = options;
	const wanted = new Set<string>();
	/**
	 * The topics whose state this tab has received.
	 * An earlier event of another topic would be a delta to no state.
	 */
	const ready = new Set<string>();
	let state: ConnectionState = 'connecting';
	let gateway = 0;
	let isOpen = false;
	/** The tab that has the stream. */
	let leading: string | undefined;
	let leaderIsHidden = false;
	/** Whether the leader ended the stream. */
	let leaderRests = false;
	let leader: Leader | undefined;
	/**
	 * Whether this tab asked for the lock of another one.
	 * A second request would steal the lock from itself.
	 */
	let isStealing = false;
	/** The tabs that the leader forgets when they release their locks. */
	const watched = new Set<string>();
	let channel: BroadcastChannel | undefined;
	/** Aborts when this tab leaves. */
	let stay = new AbortController();
	let queueing = new AbortController();
	let letGo = () => {};
	let isScheduled = false;

	function setState(next: ConnectionState): void {
		if (state === next || state === 'closed') return;
		state = next;
		connection.onState(next);
	}

	function opened(region: string, at: number, names: readonly string[]): void {
		isOpen = true;
		gateway = at;
		connection.onOpen(region, at, new Set(names));
	}

	function take([event, data, cursor]: readonly [string, unknown, string | undefined]): void {
		connection.onEvent(event as TopicEventName, data as never, cursor);
	}

	function receive(message: LeaderMessage): void {
		if (message.kind === 'lead') {
			leaderIsHidden = message.isHidden;
			leaderRests = false;
			ready.clear();
			isOpen = false;
			setState('connecting');
			sendWanted();
		} else if (message.kind === 'hidden') {
			leaderIsHidden = message.isHidden;
			leaderRests = message.rests;
			// This tab may have become visible before the other one became hidden, or it plays media.
			takeOver();
		} else if (message.kind === 'state') {
			gateway = message.gateway;
			if (message.state !== 'closed') setState(message.state);
			else if (leader !== undefined) close();
		} else if (message.kind === 'opened') {
			for (const name of message.names) if (wanted.has(name)) ready.add(name);
			opened(message.region, message.gateway, message.names);
		} else if (message.kind === 'joined' && message.to === id) {
			leaderIsHidden = message.isHidden;
			leaderRests = message.rests;
			const names = message.names.filter((name) => !ready.has(name));
			for (const name of names) ready.add(name);
			if (message.open !== undefined && !isOpen) opened(message.open.region, message.open.gateway, names);
			for (const event of message.events) take(event);
			if (message.state !== 'closed') setState(message.state);
			takeOver();
		} else if (message.kind === 'event') {
			if (ready.has(message.name)) take(message.event);
		} else if (message.kind === 'refused') {
			if (!wanted.has(message.name)) return;
			// As the leader's own connection does: a caller that asks again does so with a new token.
			if (leader === undefined) identity.credentials().then(identity.refused, () => {});
			connection.onRefused(message.name, message.code);
		} else if (message.kind === 'error') {
			connection.onError(new LikewireError(message.code, message.message, message));
		}
	}

	/** Sends to all tabs; messages of other tabs arrive only in the channel's `message` event. */
	function send(message: LeaderMessage): void {
		channel?.postMessage({ ...message, by: id } satisfies TabMessage);
		receive(message);
	}

	/** Sends the topics of this tab, once a turn. */
	function sendWanted(): void {
		if (isScheduled) return;
		isScheduled = true;
		queueMicrotask(() => {
			isScheduled = false;
			connection.onSettle(wanted);
			for (const name of ready) if (!wanted.has(name)) ready.delete(name);
			const topics = [...wanted].map((name) => [name, connection.cursorOf(name)] as const);
			if (leader === undefined) channel?.postMessage({ kind: 'wish', from: id, topics } satisfies TabMessage);
			else leader.want({ kind: 'wish', from: id, topics });
		});
	}

	function onMessage({ data }: MessageEvent<TabMessage>): void {
		if (data.kind !== 'wish') {
			if (data.kind === 'lead') leading = data.by;
			leading ??= data.by;
			// A leader that lost its lock may still have been sending.
			if (leader === undefined && leading === data.by) receive(data);
			return;
		}
		if (leader === undefined) return;
		leader.want(data);
		if (watched.has(data.from)) return;
		watched.add(data.from);
		const { signal } = stay;
		const leads = leader;
		// The tab releases it when it leaves or dies.
		locks.request(`${group} ${data.from}`, { signal, mode: 'shared' }, () => leads.drop(data.from)).catch(() => {});
	}

	/** Leads until this tab releases the lock. */
	function lead(): Promise<void> {
		isStealing = false;
		leader = createLeader({ connection, createConnection, page, send });
		send({ kind: 'lead', isHidden: page.isHidden() });
		return new Promise((resolve) => {
			letGo = resolve;
		});
	}

	function stopLeading(): void {
		leader?.close();
		leader = undefined;
		watched.clear();
	}

	/** Waits for the lock, or steals it from a hidden leader. */
	async function stand(steals = false): Promise<void> {
		const { signal } = stay;
		queueing.abort();
		queueing = new AbortController();
		const queued = queueing.signal;
		// The tab may have left before it gets a stolen lock: a request that steals takes no signal.
		const granted = () => (signal.aborted ? undefined : lead());
		await locks.request(group, steals ? { steal: true } : { signal: queued }, granted).catch(() => {});
		if (signal.aborted || (queued.aborted && !steals)) return;
		stopLeading();
		void stand();
	}

	async function join(): Promise<void> {
		stay = new AbortController();
		channel = new BroadcastChannel(group);
		channel.onmessage = onMessage;
		const { signal } = stay;
		// Held while this tab lives.
		await new Promise<void>((resolve) => {
			const held = () =>
				new Promise<void>((release) => {
					resolve();
					signal.addEventListener('abort', () => release());
				});
			locks.request(`${group} ${id}`, { signal }, held).catch(() => {});
		});
		if (signal.aborted) return;
		sendWanted();
		void stand();
	}

	function leave(): void {
		stay.abort();
		queueing.abort();
		stopLeading();
		letGo();
		channel?.close();
		channel = undefined;
		ready.clear();
		isOpen = false;
		isStealing = false;
		leading = undefined;
	}

	/**
	 * Moves to the tabs with the rights of its token.
	 * A stream with other rights may show less, or more, than the token allows.
	 */
	function move(credentials: Credentials): void {
		// A tab with an unknown user shares with no other tab.
		const next = options.groupOf(credentials) ?? `likewire ${id}`;
		if (group === next) return;
		group = next;
		// A tab that left joins the new group when it returns.
		if (channel === undefined) return;
		leave();
		setState('connecting');
		void join();
	}

	function takeOver(): void {
		if (leader !== undefined || channel === undefined || isStealing) return;
		isStealing = page.isHidden() ? leaderRests && page.playsMedia() : leaderIsHidden;
		if (isStealing) void stand(true);
	}

	function look(): void {
		if (leader !== undefined) leader.look();
		else takeOver();
	}

	function close(): void {
		if (state === 'closed') return;
		leave();
		setState('closed');
	}

	page.onChange(look, connection.closing);
	identity.onToken = move;
	void join();

	return {
		get state() {
			return state;
		},
		get gateway() {
			return gateway;
		},
		follow(name) {
			wanted.add(name);
			// An expired or refused token is replaced first: the next one may have the right to this topic.
			identity.credentials().then(sendWanted, sendWanted);
		},
		unfollow(name) {
			wanted.delete(name);
			sendWanted();
		},
		resume() {
			if (state === 'closed') return;
			if (channel === undefined) void join();
			else leader?.resume();
		},
		suspend() {
			if (state === 'closed') return;
			leave();
			setState('waiting');
		},
		close,
	};
}
