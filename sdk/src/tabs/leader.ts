import { MAX_TOPICS_PER_CONNECTION } from '@likewire/protocol';
import type { ConnectionOptions, ConnectionState, StreamConnection } from '../connection-options.ts';
import type { Page } from '../page-visibility.ts';
import { eventTopic } from '../topics/names.ts';
import type { LeaderMessage, WantedTopics } from './messages.ts';
import { createTopicState, type TopicState } from './topic-state.ts';

export interface LeaderOptions {
	readonly connection: ConnectionOptions;
	readonly createConnection: (options: ConnectionOptions) => StreamConnection;
	readonly page: Page;
	/** Sends a message to all tabs, this one included. */
	readonly send: (message: LeaderMessage) => void;
}

/** The tab that has the stream of all tabs. */
export interface Leader {
	/** Sets the topics that a tab follows. */
	want(topics: WantedTopics): void;
	/** Forgets a tab that is gone. */
	drop(tab: string): void;
	/** Checks the page of this tab, which may have become hidden or visible, or begun to play media. */
	look(): void;
	resume(): void;
	close(): void;
}

interface Stream {
	readonly connection: StreamConnection;
	readonly names: Set<string>;
}

export function createLeader({ connection, createConnection, page, send }: LeaderOptions): Leader {
	const tabs = new Map<string, ReadonlyMap<string, string | undefined>>();
	const topics = new Map<string, TopicState>();
	const streams: Stream[] = [];
	let open: { readonly region: string; readonly gateway: number } | undefined;
	let isClosed = false;

	const hiding = page.hide(
		() => streams.map(({ connection }) => connection),
		// Before the streams end, so that a tab that plays media takes over.
		() => sendHidden(true),
	);
	const sendHidden = (rests = hiding.rests) => send({ kind: 'hidden', isHidden: page.isHidden(), rests });

	const streamOf = (name: string) => streams.find(({ names }) => names.has(name));

	function sendState(state: ConnectionState): void {
		if (!isClosed) send({ kind: 'state', state, gateway: streams[0]?.connection.gateway ?? 0 });
	}

	/** Opens a stream; a gateway takes 100 topics a stream, and the state of the first stream counts. */
	function addStream(): Stream {
		const names = new Set<string>();
		const isFirst = streams.length === 0;
		const stream: Stream = {
			names,
			connection: createConnection({
				...connection,
				onState: (state) => isFirst && sendState(state),
				onOpen(region, gateway) {
					open = { region, gateway };
					send({ kind: 'opened', region, gateway, names: [...names] });
				},
				onEvent(event, data, cursor) {
					const name = eventTopic(data);
					topics.get(name)?.take([event, data, cursor]);
					send({ kind: 'event', name, event: [event, data, cursor] });
				},
				cursorOf: (name) => topics.get(name)?.cursor ?? [...tabs.values()].find((tab) => tab.get(name))?.get(name),
				onError: ({ code, message, retryable, retryAfterMs }) =>
					send({ kind: 'error', code, message, retryable, retryAfterMs }),
				onRefused: (name, code) => send({ kind: 'refused', name, code }),
				onSettle: () => {},
			}),
		};
		streams.push(stream);
		hiding.look();
		return stream;
	}

	function follow(name: string): void {
		topics.set(name, createTopicState(name));
		const stream = streams.find(({ names }) => names.size < MAX_TOPICS_PER_CONNECTION) ?? addStream();
		stream.names.add(name);
		stream.connection.follow(name);
	}

	/** Follows the topics that a tab follows, and no others. */
	function settle(): void {
		const wanted = new Set([...tabs.values()].flatMap((tab) => [...tab.keys()]));
		for (const name of [...topics.keys()]) {
			if (wanted.has(name)) continue;
			topics.delete(name);
			const stream = streamOf(name);
			stream?.names.delete(name);
			stream?.connection.unfollow(name);
		}
		for (const name of wanted) if (!topics.has(name)) follow(name);
	}

	// A page may follow no topic yet, but its writes need the region.
	addStream();

	return {
		want({ from, topics: asked }) {
			const before = tabs.get(from) ?? new Map<string, string | undefined>();
			const now = new Map(asked);
			tabs.set(from, now);
			const added = asked.filter(([name]) => !before.has(name));
			// This tab receives the state of topics that the stream follows already; the rest comes from the stream.
			const events = added.flatMap(([name, cursor]) => topics.get(name)?.show(cursor) ?? []);
			settle();
			const state = streams[0]?.connection.state ?? 'connecting';
			send({
				kind: 'joined',
				to: from,
				names: [...now.keys()],
				events,
				open,
				state,
				isHidden: page.isHidden(),
				rests: hiding.rests,
			});
		},
		drop(tab) {
			if (tabs.delete(tab)) settle();
		},
		look() {
			hiding.look();
			sendHidden();
		},
		resume: hiding.resume,
		close() {
			isClosed = true;
			hiding.stop();
			for (const { connection } of streams) {
				connection.suspend();
				connection.close();
			}
		},
	};
}
