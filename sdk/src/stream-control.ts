import { ALIVE_MS, type HelloEvent, paths, type StreamPace, type SubscriptionAnswer } from '@likewire/protocol';
import { LikewireError } from './errors.ts';
import type { Identity } from './identity.ts';
import { request } from './request.ts';
import type { Subscriptions } from './subscriptions.ts';
import { asFollowed, namesOf } from './topics/followed.ts';

/**
 * So many characters of names and cursors at the most are asked for at a time: a gateway reads 16 KiB, and a hundred of
 * the longest with their cursors are more.
 */
const MAX_REQUEST_LENGTH = 12_000;

export interface StreamControlOptions {
	/** What the stream began with. */
	readonly hello: HelloEvent;
	/** The address of the gateway. */
	readonly url: string;
	readonly identity: Identity;
	/** Aborted when the client closes. */
	readonly closing: AbortSignal;
	readonly subscriptions: Subscriptions;
	/** How often the stream is to send what is new. */
	readonly pace: () => StreamPace;
	/** Where to resume a topic that is added; undefined: where it is. */
	readonly cursorOf: (name: string) => string | undefined;
	/** The topics outside of `wanted` are on their way out: what is kept for them may go. */
	readonly onSettle: (wanted: ReadonlySet<string>) => void;
	/** The stream has to be opened anew, which tells the gateway all. */
	readonly onFailure: (error: unknown) => void;
}

/** What a client asks of a gateway about a stream that is open. */
export interface StreamControl {
	/** Brings what the stream follows to what is wanted, one request at a time. */
	update(): void;
	/** Ends the stream: behind a proxy the gateway may see late that it ended. */
	end(): void;
	/** The stream is gone. */
	stop(): void;
}

/** Controls a stream until it is gone, and says each minute that its signed-in viewer is there. */
export function createStreamControl(options: StreamControlOptions): StreamControl {
	const { hello, subscriptions, cursorOf, onSettle, onFailure } = options;
	const { connection } = hello;
	const { wanted, refused } = subscriptions;
	let followed = new Set(namesOf(hello));
	/** That of the stream, or asked for. */
	let pace: StreamPace = 'normal';
	let isAsking = false;
	let isGone = false;

	function ask(method: 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
		const { url, identity, closing: signal } = options;
		return request({ url: url + path, method, body, identity, signal, keepalive: method === 'DELETE' });
	}

	/** What is missing, as much as fits; the rest follows when this was answered. */
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
		// While a request is under way its topic may still be followed or not: only its answer says.
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

	async function sayAlive(): Promise<void> {
		try {
			await ask('POST', paths.alive(connection));
		} catch (error) {
			// The gateway ended the connection, and its `bye` is lost. Anything else is followed by the next one.
			const isUnknown = error instanceof LikewireError && error.code === 'connection_not_found';
			if (isUnknown && !isGone) onFailure(error);
		}
	}

	// A heartbeat of the gateway that was written to a dead network proves nothing.
	const alive = options.identity.isSignedIn ? setInterval(sayAlive, ALIVE_MS) : undefined;

	return {
		update,
		end: () => void ask('DELETE', paths.connection(connection)).catch(() => {}),
		stop() {
			isGone = true;
			clearInterval(alive);
		},
	};
}
