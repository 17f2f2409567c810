import type { SubscriptionRequest } from '@likewire/protocol';

export interface SubscriptionsOptions {
	/** Tells the gateway what to add to a connection and what to remove. */
	send(connection: string, request: SubscriptionRequest): Promise<void>;
	/** The gateway could not be told; the stream has to be opened anew, which tells it all. */
	onFailure(error: unknown): void;
	/** The videos outside of `wanted` are on their way out: what is kept for them may go. */
	onSettle(wanted: ReadonlySet<string>): void;
}

/** Brings what a connection follows to what is wanted: all changes of a turn in one request, one request at a time. */
export interface Subscriptions {
	readonly wanted: ReadonlySet<string>;
	add(video: string): void;
	remove(video: string): void;
	/** A stream is open and follows these videos. */
	joined(connection: string, videos: readonly string[]): void;
	/** The stream is gone; the next one asks for all that is wanted by itself. */
	left(): void;
}

export function createSubscriptions({ send, onFailure, onSettle }: SubscriptionsOptions): Subscriptions {
	const wanted = new Set<string>();
	let followed = new Set<string>();
	let connection: string | undefined;
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

	async function flush(): Promise<void> {
		// While a request is under way its video may still be followed or not: only its answer says.
		if (connection !== undefined && connection === asking) return;
		onSettle(wanted);
		if (connection === undefined) return;
		const add = [...wanted].filter((video) => !followed.has(video));
		const remove = [...followed].filter((video) => !wanted.has(video));
		if (add.length === 0 && remove.length === 0) return;
		const asked = connection;
		asking = asked;
		followed = new Set(wanted);
		try {
			await send(asked, { add: { videos: add }, remove: { videos: remove } });
		} catch (error) {
			if (connection === asked) onFailure(error);
		}
		if (asking === asked) asking = undefined;
		schedule();
	}

	return {
		wanted,
		add(video) {
			wanted.add(video);
			schedule();
		},
		remove(video) {
			wanted.delete(video);
			schedule();
		},
		joined(id, videos) {
			connection = id;
			followed = new Set(videos);
			schedule();
		},
		left() {
			connection = undefined;
		},
	};
}
