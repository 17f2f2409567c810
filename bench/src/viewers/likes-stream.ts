import { constants, inflateRawSync } from 'node:zlib';
import { addTotals, type LikesEvent, sumTotals, type Totals } from '@likewire/protocol';
import { Histogram } from '../measure/histogram.ts';
import type { GroupReport, Violations } from './viewer-report.ts';

/** The counts of a group of viewers with the same behaviour. */
export class Group {
	readonly name: string;
	opened = 0;
	withSnapshot = 0;
	closed = 0;
	frames = 0;
	bytes = 0;
	deliveries = 0;
	shown = 0;
	violations: Violations = { snapshot: 0, sum: 0, fall: 0, format: 0 };
	latency = new Histogram();

	constructor(name: string) {
		this.name = name;
	}

	/** Clears the counts, except those of viewers. */
	reset(): void {
		this.frames = this.bytes = this.deliveries = this.shown = 0;
		this.violations = { snapshot: 0, sum: 0, fall: 0, format: 0 };
		this.latency = new Histogram();
	}

	report(sums: readonly Totals[]): GroupReport {
		const { name, opened, withSnapshot, closed, frames, bytes, deliveries, shown, violations, latency } = this;
		const max = latency.count === 0 ? 0 : latency.percentile(1);
		const timing = { maxMs: max, sumMs: 0, buckets: latency.buckets() };
		const counted = { name, opened, withSnapshot, closed, frames, bytes, deliveries, shown, violations };
		return { ...counted, lowest: extreme(sums, Math.min), highest: extreme(sums, Math.max), latency: timing };
	}
}

function extreme(sums: readonly Totals[], choose: (a: number, b: number) => number): Totals {
	const types = new Set(sums.flatMap((sum) => Object.keys(sum)));
	return Object.fromEntries(
		[...types].map((type) => [type, sums.map((sum) => sum[type] ?? 0).reduce((a, b) => choose(a, b))]),
	);
}

/** The head of a gzip stream without fields. */
const GZIP_HEAD_BYTES = 10;

/** Parses and checks the response of one viewer. The C client does the same. */
export class LikesStream {
	/** The sum of the snapshot and all deltas; undefined before the snapshot. */
	sum: Totals | undefined;
	readonly #group: Group;
	readonly #onLikes: ((event: LikesEvent) => void) | undefined;
	#raw = '';
	#text = '';
	#inBody = false;
	#owesLineBreak = false;
	/** Whether the body is a gzip stream, and whether its head was read. */
	#isGzip = false;
	#inGzip = false;

	constructor(group: Group, onLikes?: (event: LikesEvent) => void) {
		this.#group = group;
		this.#onLikes = onLikes;
	}

	/** Takes any chunk of ASCII bytes; all ids of the benchmark are ASCII. Returns false when they are not an event stream. */
	receive(chunk: Buffer, nowMs: number): boolean {
		this.#group.bytes += chunk.length;
		this.#raw += chunk.toString('latin1');
		try {
			while (this.#takePart(nowMs));
			return true;
		} catch {
			this.#group.violations.format++;
			return false;
		}
	}

	/** Reads the head or one chunk; returns false when it is incomplete. Throws when it is invalid. */
	#takePart(nowMs: number): boolean {
		if (!this.#inBody) {
			const end = this.#raw.indexOf('\r\n\r\n');
			if (end < 0) return false;
			if (!this.#raw.startsWith('HTTP/1.1 200')) throw new Error('refused');
			this.#inBody = true;
			this.#isGzip = this.#raw.slice(0, end).includes('Content-Encoding: gzip');
			this.#raw = this.#raw.slice(end + 4);
			return true;
		}
		// uWebSockets.js sends the line break after a chunk with the next chunk.
		const skip = this.#owesLineBreak ? 2 : 0;
		const lineEnd = this.#raw.indexOf('\r\n', skip);
		if (lineEnd < 0) return false;
		const size = Number.parseInt(this.#raw.slice(skip, lineEnd), 16);
		if (Number.isNaN(size)) throw new Error('not a chunk');
		const end = lineEnd + 2 + size;
		if (this.#raw.length < end) return false;
		const chunk = this.#raw.slice(lineEnd + 2, end);
		this.#text += this.#isGzip ? this.#decode(chunk) : chunk;
		this.#raw = this.#raw.slice(end);
		this.#owesLineBreak = true;
		const events = this.#text.split('\n\n');
		this.#text = events.pop() ?? '';
		for (const event of events) {
			const likes = /^event: likes\ndata: (.*)$/.exec(event)?.[1];
			if (likes !== undefined) this.#check(JSON.parse(likes), nowMs);
		}
		return true;
	}

	/** Decodes a chunk: the gateway sends whole blocks in each, which need nothing before them. */
	#decode(chunk: string): string {
		const blocks = Buffer.from(chunk.slice(this.#inGzip ? 0 : GZIP_HEAD_BYTES), 'latin1');
		this.#inGzip = true;
		return inflateRawSync(blocks, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
	}

	#check(event: LikesEvent, nowMs: number): void {
		const { totals, delta, recent } = event;
		const group = this.#group;
		group.frames++;
		if (this.sum === undefined) {
			group.withSnapshot++;
			if (Object.keys(delta).length > 0 || recent.length > 0) group.violations.snapshot++;
			this.sum = totals;
		} else {
			const known = Object.entries(this.sum);
			if (known.some(([type, count]) => (totals[type] ?? 0) < count)) group.violations.fall++;
			this.sum = addTotals(this.sum, delta);
			if (!sameTotals(this.sum, totals)) group.violations.sum++;
			group.deliveries += sumTotals(delta);
			group.shown += recent.length;
			for (const { at } of recent) group.latency.record(nowMs - at);
		}
		this.#onLikes?.(event);
	}
}

/** Returns whether two totals are equal; a missing type counts as zero. */
export function sameTotals(a: Totals, b: Totals): boolean {
	return [...Object.keys(a), ...Object.keys(b)].every((type) => (a[type] ?? 0) === (b[type] ?? 0));
}
