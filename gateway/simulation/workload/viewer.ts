import { addTotals, type LikesEvent, type RecentLike, type StreamEvents, type Totals } from '@likewire/protocol';
import type { StreamSocket } from '../../src/frontend/connections/connection.ts';
import { commentTopic, idOf } from '../../src/state/topics/topic.ts';
import { Violation } from '../node/environment.ts';
import type { LogReader } from './log-reader.ts';

/** Bytes that the network takes before a viewer who does not read makes the socket say so. */
const NETWORK_BUFFER_BYTES = 600;

const decoder = new TextDecoder();

/** One event of a stream. */
interface Told {
	readonly name: string;
	readonly data: unknown;
	/** Empty without one. */
	readonly cursor: string;
}

export interface ViewerOptions {
	readonly name: string;
	/** Likes may be taken back in this run, so totals may fall. */
	readonly mayFall: boolean;
	/** Whether somebody gave this like to this video. */
	readonly isGiven: (video: string, like: RecentLike) => boolean;
	/** How many likes were given to this video so far, by type. */
	readonly givenOf: (video: string) => Totals;
	/** Who reads the comments, on this connection and others. */
	readonly reader: LogReader;
	/** The comments of which the frontend told anybody that they are deleted. */
	readonly deletedThere: Set<string>;
	/** The store did not work when a comment, or its deletion, came from another region. */
	readonly mayReturn: (comment: string) => boolean;
	/** The stream is over. */
	readonly onEnd: () => void;
}

/**
 * A viewer's end of a stream: reads the frames of the gateway and checks each against what it was told before. While it
 * reads nothing, bytes pile up and the socket reports backpressure, as the kernel's does.
 */
export class Viewer implements StreamSocket {
	readonly name: string;
	/** What it was told last of each video. */
	readonly told = new Map<string, LikesEvent>();
	/** How many viewers each video has, as it was told last. */
	readonly viewers = new Map<string, number>();
	/** The likes of comments as the viewer received them last, by topic. */
	readonly commentLikes = new Map<string, Totals>();
	reading = true;
	/** It went away; the server has yet to learn of it, and may write. */
	left = false;
	readonly #options: ViewerOptions;
	#open = true;
	#unread: (readonly Told[])[] = [];
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

	/** Reads what piled up, and goes on reading. */
	resume(): void {
		this.reading = true;
		const frames = this.#unread;
		this.#unread = [];
		this.#unreadBytes = 0;
		for (const events of frames) this.#read(events);
	}

	/** What a frontend knows to be deleted it tells nobody any more. */
	#checkDeleted(events: readonly Told[]): void {
		const { deletedThere, mayReturn } = this.#options;
		for (const { name, data } of events) {
			if (name !== 'comment' && name !== 'comment-deleted') continue;
			const { id, user } = data as StreamEvents['comment-deleted'];
			const comment = `${id} ${user}`;
			if (name === 'comment-deleted') deletedThere.add(comment);
			else if (deletedThere.has(comment) && !mayReturn(comment)) {
				throw new Violation(`${this.name}: comment ${id} is told on though it is deleted`);
			}
		}
	}

	#read(events: readonly Told[]): void {
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
		const told = this.told.get(video)?.totals;
		const fail = (what: string) => {
			const was = JSON.stringify({ told, totals, delta, shown, of });
			throw new Violation(`${this.name}: ${what}: ${was}`);
		};
		if (told === undefined && Object.keys(delta).length > 0) fail('the first event of a video is no snapshot');
		if (told !== undefined && !sameTotals(addTotals(told, delta), totals)) fail('told + delta is not totals');
		if (recent.length !== shown || shown > of) fail('the sample is not what it says');
		if (new Set(recent.map(({ id }) => id)).size < shown) fail('a like is in the sample twice');
		if (!recent.every((like) => this.#options.isGiven(video, like))) fail('nobody gave a like of the sample');
		const given = this.#options.givenOf(video);
		if (Object.entries(totals).some(([type, count]) => count > (given[type] ?? 0))) fail('likes are counted twice');
		if (!this.#options.mayFall) {
			for (const [type, count] of Object.entries(told ?? {})) {
				if ((totals[type] ?? 0) < count) fail('totals fell though nothing was taken back');
			}
		}
		this.told.set(video, event);
	}
}

/** The events of a frame. */
function parse(bytes: Uint8Array): Told[] {
	const events = decoder.decode(bytes).matchAll(/(?:id: (.+)\n)?event: ([\w-]+)\ndata: (.*)\n\n/g);
	return [...events].map(([, cursor = '', name = '', data = '']) => ({ name, data: JSON.parse(data), cursor }));
}

/** Whether both count the same; a type that is absent counts zero. */
export function sameTotals(a: Totals, b: Totals): boolean {
	return Object.keys({ ...a, ...b }).every((type) => (a[type] ?? 0) === (b[type] ?? 0));
}
