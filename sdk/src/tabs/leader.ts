import { MAX_TOPICS_PER_CONNECTION } from '@likewire/protocol';
import type { ConnectionOptions, ConnectionState, StreamConnection } from '../connection-options.ts';
import type { Page } from '../page-visibility.ts';
import { eventTopic } from '../topics/names.ts';
import type { Told, Wish } from './messages.ts';
import { createTopicState, type TopicState } from './topic-state.ts';

export interface LeaderOptions {
	readonly connection: ConnectionOptions;
	readonly createConnection: (options: ConnectionOptions) => StreamConnection;
	readonly page: Page;
	/** Tells all tabs, this one included. */
	readonly tell: (message: Told) => void;
}

/** The tab that has the stream of all tabs. */
export interface Leader {
	/** What a tab follows from now on. */
	wish(wish: Wish): void;
	/** A tab is gone. */
	drop(tab: string): void;
	/** The page of this tab may be hidden or seen now, or play media. */
	look(): void;
	resume(): void;
	close(): void;
}

interface Stream {
	readonly connection: StreamConnection;
	readonly names: Set<string>;
}

export function createLeader({ connection, createConnection, page, tell }: LeaderOptions): Leader {
	const tabs = new Map<string, ReadonlyMap<string, string | undefined>>();
	const topics = new Map<string, TopicState>();
	const streams: Stream[] = [];
	let open: { readonly region: string; readonly gateway: number } | undefined;
	let isClosed = false;

	const hiding = page.hide(
		() => streams.map(({ connection }) => connection),
		// Before they end: a tab that plays media takes over.
		() => tellHidden(true),
	);
	const tellHidden = (rests = hiding.rests) => tell({ kind: 'hidden', isHidden: page.isHidden(), rests });

	const streamOf = (name: string) => streams.find(({ names }) => names.has(name));

	function tellState(state: ConnectionState): void {
		if (!isClosed) tell({ kind: 'state', state, gateway: streams[0]?.connection.gateway ?? 0 });
	}

	/** A gateway takes a hundred topics a stream; the first stream is the one whose state counts. */
	function addStream(): Stream {
		const names = new Set<string>();
		const isFirst = streams.length === 0;
		const stream: Stream = {
			names,
			connection: createConnection({
				...connection,
				onState: (state) => isFirst && tellState(state),
				onOpen(region, gateway) {
					open = { region, gateway };
					tell({ kind: 'opened', region, gateway, names: [...names] });
				},
				onEvent(event, data, cursor) {
					const name = eventTopic(data);
					topics.get(name)?.take([event, data, cursor]);
					tell({ kind: 'event', name, event: [event, data, cursor] });
				},
				cursorOf: (name) => topics.get(name)?.cursor ?? [...tabs.values()].find((tab) => tab.get(name))?.get(name),
				onError: ({ code, message, retryable, retryAfterMs }) =>
					tell({ kind: 'error', code, message, retryable, retryAfterMs }),
				onRefused: (name, code) => tell({ kind: 'refused', name, code }),
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

	/** Follows what any tab does, and nothing else. */
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

	// A page may follow nothing yet, and wants to know the region for its writes.
	addStream();

	return {
		wish({ from, topics: asked }) {
			const before = tabs.get(from) ?? new Map<string, string | undefined>();
			const now = new Map(asked);
			tabs.set(from, now);
			const added = asked.filter(([name]) => !before.has(name));
			// What is followed already is shown to this tab; the rest comes from the stream.
			const events = added.flatMap(([name, cursor]) => topics.get(name)?.show(cursor) ?? []);
			settle();
			const state = streams[0]?.connection.state ?? 'connecting';
			tell({
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
			tellHidden();
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
