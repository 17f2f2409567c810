import { addTotals, type LikesEvent, type RecentLike, type StreamEvents, type Totals } from '@likewire/protocol';
import type { StreamSocket } from '../../src/frontend/connections/connection.ts';
import { commentTopic, idOf } from '../../src/state/topics/topic.ts';
import { Violation } from '../engine/violation.ts';
import type { LogReader } from './log-reader.ts';

/**
 * The bytes that the network buffers before the socket of a viewer that does not read reports
 * backpressure.
 */
const NETWORK_BUFFER_BYTES = 600;

const decoder = new TextDecoder();

/** One event of a stream. */
interface ReceivedEvent {
	readonly name: string;
	readonly data: unknown;
	/** Empty where the event has none. */
	readonly cursor: string;
}

export interface ViewerOptions {
	readonly name: string;
	/** Whether likes may be taken back in this run, so that totals may fall. */
	readonly mayFall: boolean;
	/** Returns whether a user gave this like to this video. */
	readonly isGiven: (video: string, like: RecentLike) => boolean;
	/** Returns the number of likes of this video so far, by type. */
	readonly givenOf: (video: string) => Totals;
	/** Checks the comments, on this connection and others of the viewer. */
	readonly reader: LogReader;
	/** The comments whose deletions the frontend sent to a viewer. */
	readonly deletedComments: Set<string>;
	/** Returns whether the store did not work when a comment, or its deletion, came from another region. */
	readonly mayReturn: (comment: string) => boolean;
	/** Called when the stream ends. */
	readonly onEnd: () => void;
}

/**
 * The viewer's end of a stream: reads the frames of the gateway and checks each against the frames
 * before it. While the viewer does not read, bytes pile up and the socket reports backpressure, as the
 * kernel's does.
 */
export class Viewer implements StreamSocket {
	readonly name: string;
	/** The last event of each video. */
	readonly received = new Map<string, LikesEvent>();
	/** The last number of viewers of each video. */
	readonly viewers = new Map<string, number>();
	/** The last likes of comments, by topic. */
	readonly commentLikes = new Map<string, Totals>();
	reading = true;
	/** Whether the viewer went away; the server may still write until it notices. */
	left = false;
	readonly #options: ViewerOptions;
	#open = true;
	#unread: (readonly ReceivedEvent[])[] = [];
	#unreadBytes = 0;

	constructor(options: ViewerOptions) {
		this.name = options.name;
		this.#options = options;
	}

	write(bytes: Uint8Array): boolean {
		if (this.left) return true;
		if (!this.#open) throw new Violation(`${this.name}: written to after its end`);
		const full = this.#unreadBytes > NETWORK_BUFFER_BYTES;
		const events = parse(bytes);
		this.#checkDeleted(events);
		if (this.reading) this.#read(events);
		else {
			this.#unread.push(events);
			this.#unreadBytes += bytes.length;
		}
		return !full;
	}

	end(): void {
		this.#open = false;
		if (!this.left) this.#options.onEnd();
	}

	close(): void {
		this.end();
	}

	/** Reads what piled up, and reads on. */
	resume(): void {
		this.reading = true;
		const frames = this.#unread;
		this.#unread = [];
		this.#unreadBytes = 0;
		for (const events of frames) this.#read(events);
	}

	/** Throws when a frontend sends a comment whose deletion it sent before. */
	#checkDeleted(events: readonly ReceivedEvent[]): void {
		const { deletedComments, mayReturn } = this.#options;
		for (const { name, data } of events) {
			if (name !== 'comment' && name !== 'comment-deleted') continue;
			const { id, user } = data as StreamEvents['comment-deleted'];
			const comment = `${id} ${user}`;
			if (name === 'comment-deleted') deletedComments.add(comment);
			else if (deletedComments.has(comment) && !mayReturn(comment)) {
				throw new Violation(`${this.name}: comment ${id} is sent after its deletion`);
			}
		}
	}

	#read(events: readonly ReceivedEvent[]): void {
		for (const { name, data, cursor } of events) this.#take(name, data, cursor);
	}

	#take(name: string, data: unknown, cursor: string): void {
		switch (name) {
			case 'likes':
				this.#check(data as StreamEvents['likes']);
				return;
			case 'viewers': {
				const { video, count } = data as StreamEvents['viewers'];
				this.viewers.set(video, count);
				return;
			}
			case 'comment-likes': {
				const { totals, ...comment } = data as StreamEvents['comment-likes'];
				this.commentLikes.set(commentTopic(comment), totals);
				return;
			}
			case 'comment':
			case 'comment-deleted':
			case 'cursor':
			case 'gap':
				this.#takeOfLog(name, data as StreamEvents[typeof name], cursor);
		}
	}

	#takeOfLog(
		name: 'comment' | 'comment-deleted' | 'cursor' | 'gap',
		data: StreamEvents['comment' | 'comment-deleted' | 'cursor' | 'gap'],
		cursor: string,
	): void {
		const { reader } = this.#options;
		try {
			if ('reason' in data) reader.gap(idOf(data.topic), data.reason, cursor);
			else if ('topic' in data) reader.begin(idOf(data.topic), cursor);
			else if (name === 'comment' || name === 'comment-deleted') reader.take(name, data.video, data, cursor);
		} catch (error) {
			throw error instanceof Violation ? new Violation(`${this.name}: ${error.message}`) : error;
		}
	}

	#check(event: LikesEvent): void {
		const { video, totals, delta, recent, shown, of } = event;
		const sent = this.received.get(video)?.totals;
		const fail = (what: string) => {
			const was = JSON.stringify({ sent, totals, delta, shown, of });
			throw new Violation(`${this.name}: ${what}: ${was}`);
		};
		if (sent === undefined && Object.keys(delta).length > 0) fail('the first event of a video is no snapshot');
		if (sent !== undefined && !sameTotals(addTotals(sent, delta), totals))
			fail('the totals sent before + delta are not the totals sent now');
		if (recent.length !== shown || shown > of) fail('the sample is not what it says');
		if (new Set(recent.map(({ id }) => id)).size < shown) fail('a like is in the sample twice');
		if (!recent.every((like) => this.#options.isGiven(video, like))) fail('no user gave a like of the sample');
		const given = this.#options.givenOf(video);
		if (Object.entries(totals).some(([type, count]) => count > (given[type] ?? 0))) fail('likes are counted twice');
		if (!this.#options.mayFall) {
			for (const [type, count] of Object.entries(sent ?? {})) {
				if ((totals[type] ?? 0) < count) fail('totals fell though nothing was taken back');
			}
		}
		this.received.set(video, event);
	}
}

/** Returns the events of a frame. */
function parse(bytes: Uint8Array): ReceivedEvent[] {
	const events = decoder.decode(bytes).matchAll(/(?:id: (.+)\n)?event: ([\w-]+)\ndata: (.*)\n\n/g);
	return [...events].map(([, cursor = '', name = '', data = '']) => ({ name, data: JSON.parse(data), cursor }));
}

/** Returns whether both count the same; a type that is absent counts zero. */
export function sameTotals(a: Totals, b: Totals): boolean {
	return Object.keys({ ...a, ...b }).every((type) => (a[type] ?? 0) === (b[type] ?? 0));
}
