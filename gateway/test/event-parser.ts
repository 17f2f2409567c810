import type { StreamEventName, StreamEvents } from '@likewire/protocol';

/** One received event of a stream. */
export type ReceivedEvent = {
	[Name in StreamEventName]: {
		readonly name: Name;
		readonly data: StreamEvents[Name];
		/** The cursor of an event of a log. */
		readonly id?: string;
		readonly retryMs?: number;
	};
}[StreamEventName];

/**
 * Parses the text of a stream into events, more strictly than a browser.
 *
 * Text other than a comment, a `retry` or an event with one line of JSON throws, which reveals a lost or doubled byte.
 */
export class EventParser {
	comments = 0;
	/** The last received `retry`, alone or with an event. */
	retryMs: number | undefined;
	#rest = '';

	feed(text: string): ReceivedEvent[] {
		const blocks = (this.#rest + text).split('\n\n');
		this.#rest = blocks.pop() ?? '';
		return blocks.flatMap((block) => this.#parse(block) ?? []);
	}

	/** The incomplete last block. */
	get rest(): string {
		return this.#rest;
	}

	#parse(block: string): ReceivedEvent | undefined {
		const fields = new Map<string, string>();
		for (const line of block.split('\n')) {
			if (line.startsWith(':')) {
				this.comments++;
				continue;
			}
			const [, field, value] = /^(id|event|data|retry): (.*)$/.exec(line) ?? [];
			if (field === undefined || value === undefined || fields.has(field)) throw new Error(`not an event: ${block}`);
			fields.set(field, value);
		}
		const retry = fields.get('retry');
		if (retry !== undefined) this.retryMs = Number(retry);
		const id = fields.get('id');
		const name = fields.get('event');
		const data = fields.get('data');
		if (name === undefined && data === undefined && id === undefined) return undefined;
		if (name === undefined || data === undefined) throw new Error(`half an event: ${block}`);
		const event = {
			name,
			data: JSON.parse(data),
			...(id !== undefined && { id }),
			...(retry !== undefined && { retryMs: Number(retry) }),
		};
		return event as ReceivedEvent;
	}
}
