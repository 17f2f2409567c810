/** The whole answer to a request between nodes. */
export interface PeerResponse {
	readonly status: number;
	/** By name, in lower case. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	readonly body: string;
}

/** The longest head, in bytes; nodes need a few hundred. */
const MAX_HEAD_BYTES = 32 * 1024;

/** The longest body, in bytes: the largest is the state of many topics. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const STATUS_LINE = /^HTTP\/1\.1 (\d{3})(?: |$)/;

interface Head {
	readonly status: number;
	readonly headers: Record<string, string>;
}

/** How a body ends: after a number of bytes, or with an empty chunk (RFC 9112, 6 and 7.1). */
type Framing = { readonly length: number } | 'chunked';

/** Parses the HTTP/1.1 responses of a connection, one after another. */
export class AnswerParser {
	#waiting: Buffer = EMPTY;
	#head: Head | undefined;

	/** Whether no byte of a response waits. */
	get isEmpty(): boolean {
		return this.#head === undefined && this.#waiting.length === 0;
	}

	/** Takes bytes. Returns the response once it is complete. Throws when they are not HTTP/1.1. */
	read(bytes: Buffer): PeerResponse | undefined {
		this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
		this.#head ??= this.#readHead();
		if (this.#head === undefined) return undefined;
		const { status, headers } = this.#head;
		const body = this.#readBody(framingOf(this.#head));
		if (body === undefined) return undefined;
		this.#head = undefined;
		return { status, headers, body };
	}

	#readHead(): Head | undefined {
		for (;;) {
			const end = this.#waiting.indexOf('\r\n\r\n');
			if (end > MAX_HEAD_BYTES || (end < 0 && this.#waiting.length > MAX_HEAD_BYTES)) {
				throw new Error('the head of the answer is too long');
			}
			if (end < 0) return undefined;
			const head = parseHead(this.#waiting.toString('latin1', 0, end));
			this.#waiting = this.#waiting.subarray(end + 4);
			// The final answer follows an interim one.
			if (head.status >= 200) return head;
		}
	}

	#readBody(framing: Framing): string | undefined {
		if (framing === 'chunked') return this.#readChunks();
		const { length } = framing;
		if (this.#waiting.length < length) return undefined;
		const body = this.#waiting.toString('utf8', 0, length);
		this.#waiting = this.#waiting.subarray(length);
		return body;
	}

	/** Reads all chunks at once, after the last one arrived: only proxies between nodes send chunks. */
	#readChunks(): string | undefined {
		const chunks: Buffer[] = [];
		let at = 0;
		for (;;) {
			const lineEnd = this.#waiting.indexOf('\r\n', at);
			if (lineEnd < 0) break;
			const size = /^[0-9a-f]{1,8}(?=$|[ \t;])/i.exec(this.#waiting.toString('latin1', at, lineEnd))?.[0];
			if (size === undefined) throw new Error('the answer has a chunk without a size');
			const from = lineEnd + 2;
			const to = from + Number.parseInt(size, 16);
			if (to === from) {
				const end = this.#waiting.subarray(lineEnd).indexOf('\r\n\r\n');
				if (end < 0) break;
				this.#waiting = this.#waiting.subarray(lineEnd + end + 4);
				return Buffer.concat(chunks).toString();
			}
			chunks.push(this.#waiting.subarray(from, to));
			at = to + 2;
			if (this.#waiting.length < at) break;
		}
		if (this.#waiting.length > MAX_BODY_BYTES) throw new Error('the answer is too long');
		return undefined;
	}
}

const EMPTY = Buffer.alloc(0);

function parseHead(text: string): Head {
	const [first = '', ...lines] = text.split('\r\n');
	const status = STATUS_LINE.exec(first)?.[1];
	if (status === undefined) throw new Error('the answer is not HTTP/1.1');
	const headers: Record<string, string> = Object.create(null);
	for (const line of lines) {
		const colon = line.indexOf(':');
		if (colon < 1) throw new Error('the answer has a header without a name');
		headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
	}
	return { status: Number(status), headers };
}

function framingOf({ status, headers }: Head): Framing {
	if (status === 204 || status === 304) return { length: 0 };
	const { 'transfer-encoding': encoding, 'content-length': length } = headers;
	if (encoding !== undefined) {
		if (encoding.toLowerCase() === 'chunked') return 'chunked';
		throw new Error(`the answer is encoded as ${encoding}`);
	}
	// Without a length it would end with the connection, and look the same when it is cut.
	if (length === undefined || !/^\d+$/.test(length)) throw new Error('the answer does not say how long it is');
	if (Number(length) > MAX_BODY_BYTES) throw new Error('the answer is too long');
	return { length: Number(length) };
}
