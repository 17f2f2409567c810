import { paths, type Totals } from '@likewire/protocol';
import { EventParser } from '../../gateway/test/event-parser.ts';
import { Tally } from '../../gateway/test/tally.ts';

/** The wait before a reconnect until the server sends `retry:`, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * A viewer that behaves like the EventSource of a browser: it reconnects after `retry:` when a stream ends, and stops after
 * a status other than 200. It records what viewers should not see while nodes shut down.
 */
export class EventSourceViewer {
	readonly faults: string[] = [];
	/** The name of its frontend; undefined without a stream. */
	node: string | undefined;
	/** The number of received `bye` events. */
	byes = 0;
	#totals: Totals | undefined;
	readonly #closing = new AbortController();
	readonly #run: Promise<void>;

	constructor(url: string, video: string) {
		this.#run = this.#stay(`${url}${paths.stream}?video=${video}`);
	}

	/** The last received totals, on any stream. */
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
			// The test is about this wait, which the server sets with `retry:`.
			if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, retryMs));
		}
	}

	/** Reads a stream to its end, and resolves with its last `retry:`. */
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
