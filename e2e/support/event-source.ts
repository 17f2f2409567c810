import { paths, type Totals } from '@likewire/protocol';
import { EventParser } from '../../gateway/test/event-parser.ts';
import { Tally } from '../../gateway/test/tally.ts';

/** Before a server says anything else, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * A viewer with no more sense than the EventSource of a browser: it comes back after `retry:` when a stream ends, and
 * never after a status but 200. It notes whatever a viewer should not meet while nodes are stopped in good order.
 */
export class EventSourceViewer {
	readonly faults: string[] = [];
	/** The frontend that it is at; undefined while it is at none. */
	node: string | undefined;
	/** How often it was told to come back. */
	byes = 0;
	#totals: Totals | undefined;
	readonly #closing = new AbortController();
	readonly #run: Promise<void>;

	constructor(url: string, video: string) {
		this.#run = this.#stay(`${url}${paths.stream}?video=${video}`);
	}

	/** What it was shown last, on any of its streams. */
	get totals(): Totals | undefined {
		return this.#totals;
	}

	async close(): Promise<void> {
		this.#closing.abort();
		await this.#run;
	}

	async #stay(address: string): Promise<void> {
		let retryMs = RETRY_MS;
		const { signal } = this.#closing;
		while (!signal.aborted) {
			try {
				const response = await fetch(address, { signal, headers: { Accept: 'text/event-stream' } });
				if (response.status !== 200 || response.body === null) {
					await response.body?.cancel();
					this.faults.push(`the status ${response.status}`);
					return;
				}
				const before = this.byes;
				retryMs = (await this.#read(response.body)) ?? retryMs;
				if (this.byes === before) this.faults.push('an end without bye');
			} catch (error) {
				if (!signal.aborted) this.faults.push(String(error));
			}
			this.node = undefined;
			// The pause of an EventSource, which the server asks for with `retry:`; it is what is tested, and waits for nothing else.
			if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, retryMs));
		}
	}

	/** Reads a stream to its end; answers with the last `retry:` in it. */
	async #read(body: ReadableStream<Uint8Array>): Promise<number | undefined> {
		const parser = new EventParser();
		const tally = new Tally();
		const decoder = new TextDecoder();
		for await (const bytes of body) {
			for (const event of parser.feed(decoder.decode(bytes, { stream: true }))) {
				if (event.name === 'hello') this.node = event.data.node;
				else if (event.name === 'bye') this.byes++;
				else if (event.name === 'likes') {
					tally.apply(event.data);
					this.#totals = tally.of(event.data.video);
				}
			}
		}
		return parser.retryMs;
	}
}
