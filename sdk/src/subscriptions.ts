import type {
	ErrorCode,
	Followed,
	RefusedTopic,
	StreamPace,
	SubscriptionAnswer,
	SubscriptionRequest,
} from '@likewire/protocol';
import { asFollowed, namesOf, publishedName } from './topics/names.ts';

/**
 * So many characters of names and cursors at the most are asked for at a time: a gateway reads 16 KiB, and a hundred of
 * the longest with their cursors are more.
 */
const MAX_REQUEST_LENGTH = 12_000;

export interface SubscriptionsOptions {
	/** Where to resume a topic that is added; undefined: where it is. */
	cursorOf(name: string): string | undefined;
	/** Tells the gateway what to add to a connection and what to remove. */
	send(connection: string, request: SubscriptionRequest): Promise<SubscriptionAnswer | undefined>;
	/** The gateway could not be told; the stream has to be opened anew, which tells it all. */
	onFailure(error: unknown): void;
	/** The gateway does not let the caller follow this topic. */
	onRefused(name: string, code: ErrorCode): void;
	/** The topics outside of `wanted` are on their way out: what is kept for them may go. */
	onSettle(wanted: ReadonlySet<string>): void;
}

/** Brings what a connection follows to what is wanted: all changes of a turn in one request, one request at a time. */
export interface Subscriptions {
	/** The names of topics. */
	readonly wanted: ReadonlySet<string>;
	/** The topics that a stream asks for when it opens: those that are wanted and were not refused by the attempt before. */
	toAsk(): string[];
	add(name: string): void;
	remove(name: string): void;
	/** How often this stream, and each one after it, sends what is new. */
	setPace(pace: StreamPace): void;
	/** The gateway refused these topics, and gives a stream to who does not ask for them. */
	refuse(names: readonly string[], code: ErrorCode): void;
	/** A stream is open and follows this. Without a connection, each poll asks for all that is wanted. */
	joined(
		connection: string | undefined,
		followed: Partial<Followed>,
		refused: readonly RefusedTopic[] | undefined,
	): void;
	/** The stream is gone; the next one asks for all that is wanted by itself. */
	left(): void;
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
	const { cursorOf, send, onFailure, onRefused, onSettle } = options;
	const wanted = new Set<string>();
	/** What the connection follows, or was refused. */
	let followed = new Set<string>();
	/** Not asked for again before the next stream: a connection has its rights from the token that opened it. */
	const refused = new Set<string>();
	let connection: string | undefined;
	let pace: StreamPace = 'normal';
	/** That of the connection, or asked for. */
	let sentPace: StreamPace = 'normal';
	/** The connection that a request is under way for. */
	let asking: string | undefined;
	let scheduled = false;

	function schedule(): void {
		if (scheduled) return;
		scheduled = true;
		queueMicrotask(() => {
			scheduled = false;
			void flush();
		});
	}

	/** What is missing, as much as fits; the rest follows when this was answered. */
	function missing(): { readonly add: string[]; readonly cursors: string[] } {
		const add: string[] = [];
		const cursors: string[] = [];
		let length = 0;
		for (const name of wanted) {
			if (followed.has(name)) continue;
			const cursor = cursorOf(name);
			length += name.length + (cursor?.length ?? 0);
			if (length > MAX_REQUEST_LENGTH) break;
			add.push(name);
			if (cursor !== undefined) cursors.push(cursor);
		}
		return { add, cursors };
	}

	function refuse(names: readonly string[], code: ErrorCode): void {
		for (const name of names) {
			if (!wanted.has(name)) continue;
			refused.add(name);
			onRefused(name, code);
		}
	}

	function refuseTopics(topics: readonly RefusedTopic[] = []): void {
		for (const { topic, code } of topics) refuse([wanted.has(topic) ? topic : publishedName(topic)], code);
	}

	async function flush(): Promise<void> {
		// While a request is under way its topic may still be followed or not: only its answer says.
		if (connection !== undefined && connection === asking) return;
		onSettle(wanted);
		if (connection === undefined) return;
		const { add, cursors } = missing();
		const remove = [...followed].filter((name) => !wanted.has(name));
		const isPaced = pace === sentPace;
		if (add.length === 0 && remove.length === 0 && isPaced) return;
		const asked = connection;
		asking = asked;
		sentPace = pace;
		followed = new Set([...followed, ...add].filter((name) => wanted.has(name)));
		try {
			const answer = await send(asked, {
				add: asFollowed(add),
				remove: asFollowed(remove),
				...(cursors.length > 0 && { cursors }),
				...(!isPaced && { pace }),
			});
			if (connection === asked) refuseTopics(answer?.refused);
		} catch (error) {
			if (connection === asked) onFailure(error);
		}
		if (asking === asked) asking = undefined;
		schedule();
	}

	return {
		wanted,
		add(name) {
			wanted.add(name);
			schedule();
		},
		toAsk: () => [...wanted].filter((name) => !refused.has(name)),
		remove(name) {
			wanted.delete(name);
			// Closed and opened in one turn, it is asked for once more.
			if (refused.delete(name)) followed.delete(name);
			schedule();
		},
		setPace(next) {
			pace = next;
			// Before there is one, nothing may be settled: the topics come after the pace.
			if (connection !== undefined) schedule();
		},
		refuse,
		joined(id, names, topics) {
			connection = id;
			sentPace = 'normal';
			refuseTopics(topics);
			followed = new Set([...namesOf(names), ...refused]);
			schedule();
		},
		left() {
			if (connection !== undefined) refused.clear();
			connection = undefined;
		},
	};
}
