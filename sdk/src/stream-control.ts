import { ALIVE_MS, type HelloEvent, paths, type StreamPace, type SubscriptionAnswer } from '@likewire/protocol';
import { LikewireError } from './errors.ts';
import type { Identity } from './identity.ts';
import { request } from './request.ts';
import type { Subscriptions } from './subscriptions.ts';
import { asFollowed, namesOf } from './topics/followed.ts';

/**
 * The most characters of names and cursors in one request.
 * A gateway reads 16 KiB; 100 of the longest names with their cursors are more.
 */
const MAX_REQUEST_LENGTH = 12_000;

export interface StreamControlOptions {
	/** The `hello` of the stream. */
	readonly hello: HelloEvent;
	/** The address of the gateway. */
	readonly url: string;
	readonly identity: Identity;
	/** Aborts when the client closes. */
	readonly closing: AbortSignal;
	readonly subscriptions: Subscriptions;
	/** Returns how often the stream should send updates. */
	readonly pace: () => StreamPace;
	/** Returns the cursor from which to resume a topic that is added; undefined: from its current state. */
	readonly cursorOf: (name: string) => string | undefined;
	/**
	 * Called when the stream follows no topics but `wanted`, or soon will.
	 * The client may drop the state of the others.
	 */
	readonly onSettle: (wanted: ReadonlySet<string>) => void;
	/** Called when the client has to open the stream again, which sends the gateway all topics. */
	readonly onFailure: (error: unknown) => void;
}

/** The requests of a client about its open stream. */
export interface StreamControl {
	/** Changes the stream to follow the wanted topics, one request at a time. */
	update(): void;
	/** Ends the stream: behind a proxy the gateway may notice late that it ended. */
	end(): void;
	/** Stops the control of a stream that is gone. */
	stop(): void;
}

/** Controls a stream until it is gone, and reports each minute that its signed-in viewer is alive. */
export function createStreamControl(options: StreamControlOptions): StreamControl {
	const { hello, subscriptions, cursorOf, onSettle, onFailure } = options;
	const { connection } = hello;
	const { wanted, refused } = subscriptions;
	let followed = new Set(namesOf(hello));
	/** The pace that the stream has, or that the client asked for. */
	let pace: StreamPace = 'normal';
	let isAsking = false;
	let isGone = false;

	function ask(method: 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
		const { url, identity, closing: signal } = options;
		return request({ url: url + path, method, body, identity, signal, keepalive: method === 'DELETE' });
	}

	/** Returns missing topics that fit into one request; the rest follows after its answer. */
	function missing(): { readonly add: string[]; readonly cursors: string[] } {
		const add: string[] = [];
		const cursors: string[] = [];
		let length = 0;
		for (const name of wanted) {
			if (followed.has(name) || refused.has(name)) continue;
			const cursor = cursorOf(name);
			length += name.length + (cursor?.length ?? 0);
			if (length > MAX_REQUEST_LENGTH) break;
			add.push(name);
			if (cursor !== undefined) cursors.push(cursor);
		}
		return { add, cursors };
	}

	async function update(): Promise<void> {
		// Only the answer shows whether the stream follows the topics of a request.
		if (isAsking || isGone) return;
		onSettle(wanted);
		const { add, cursors } = missing();
		const remove = [...followed].filter((name) => !wanted.has(name));
		const isPaced = pace === options.pace();
		if (add.length === 0 && remove.length === 0 && isPaced) return;
		isAsking = true;
		pace = options.pace();
		followed = new Set([...followed, ...add].filter((name) => wanted.has(name)));
		try {
			const answer = (await ask('POST', paths.subscriptions(connection), {
				add: asFollowed(add),
				remove: asFollowed(remove),
				...(cursors.length > 0 && { cursors }),
				...(!isPaced && { pace }),
			})) as SubscriptionAnswer | undefined;
			if (isGone) return;
			subscriptions.refuse(answer?.refused);
			for (const name of refused) followed.delete(name);
		} catch (error) {
			if (!isGone) onFailure(error);
		}
		isAsking = false;
		void update();
	}

	async function sendAlive(): Promise<void> {
		try {
			await ask('POST', paths.alive(connection));
		} catch (error) {
			// The gateway ended the connection and its `bye` is lost. After any other error, the next report follows.
			const isUnknown = error instanceof LikewireError && error.code === 'connection_not_found';
			if (isUnknown && !isGone) onFailure(error);
		}
	}

	// The gateway may write heartbeats to a dead network, so they do not prove that the viewer is alive.
	const alive = options.identity.isSignedIn ? setInterval(sendAlive, ALIVE_MS) : undefined;

	return {
		update,
		end: () => void ask('DELETE', paths.connection(connection)).catch(() => {}),
		stop() {
			isGone = true;
			clearInterval(alive);
		},
	};
}
