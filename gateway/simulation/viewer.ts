import { addTotals, type LikesEvent, type Totals } from '@likewire/protocol';
import type { StreamSocket } from '../src/frontend/connection.ts';

/** Bytes that the network takes before a viewer who does not read makes the socket say so. */
const NETWORK_BUFFER_BYTES = 600;

/** What a viewer found wrong. */
export class Violation extends Error {
	override name = 'Violation';
}

const decoder = new TextDecoder();

/**
 * A viewer's end of a stream: reads the frames of the gateway and checks each against what it was told before. While it
 * reads nothing, bytes pile up and the socket reports backpressure, as the kernel's does.
 */
export class Viewer implements StreamSocket {
	readonly name: string;
	/** What it was told of each video. */
	readonly told = new Map<string, Totals>();
	reading = true;
	open = true;
	#unread: Uint8Array[] = [];
	#unreadBytes = 0;
	readonly #mayFall: boolean;

	/** `mayFall`: likes may be taken back in this run, so totals may fall. */
	constructor(name: string, mayFall: boolean) {
		this.name = name;
		this.#mayFall = mayFall;
	}

	write(bytes: Uint8Array): boolean {
		if (!this.open) throw new Violation(`${this.name}: written to after its end`);
		const full = this.#unreadBytes > NETWORK_BUFFER_BYTES;
		if (this.reading) this.#read(bytes);
		else {
			this.#unread.push(bytes);
			this.#unreadBytes += bytes.length;
		}
		return !full;
	}

	end(): void {
		this.open = false;
	}

	close(): void {
		this.open = false;
	}

	/** Reads what piled up, and goes on reading. */
	resume(): void {
		this.reading = true;
		const frames = this.#unread;
		this.#unread = [];
		this.#unreadBytes = 0;
		for (const bytes of frames) this.#read(bytes);
	}

	#read(bytes: Uint8Array): void {
		const [, name, data] = /event: (\w+)\ndata: (.*)\n\n$/.exec(decoder.decode(bytes)) ?? [];
		if (name === 'likes' && data !== undefined) this.#check(JSON.parse(data));
	}

	#check({ video, totals, delta, recent, shown, of }: LikesEvent): void {
		const told = this.told.get(video);
		const fail = (what: string) => {
			const was = JSON.stringify({ told, totals, delta, shown, of });
			throw new Violation(`${this.name}: ${what}: ${was}`);
		};
		if (told === undefined && Object.keys(delta).length > 0) fail('the first event of a video is no snapshot');
		if (told !== undefined && !sameTotals(addTotals(told, delta), totals)) fail('told + delta is not totals');
		if (recent.length !== shown || shown > of) fail('the sample is not what it says');
		if (!this.#mayFall) {
			for (const [type, count] of Object.entries(told ?? {})) {
				if ((totals[type] ?? 0) < count) fail('totals fell though nothing was taken back');
			}
		}
		this.told.set(video, totals);
	}
}

/** Whether both count the same; a type that is absent counts zero. */
export function sameTotals(a: Totals, b: Totals): boolean {
	return Object.keys({ ...a, ...b }).every((type) => (a[type] ?? 0) === (b[type] ?? 0));
}
