import { expect } from 'vitest';
import type { Hub } from '../../src/frontend/connections/hub.ts';
import type { TopicFetch } from '../../src/frontend/topic/topic-table.ts';
import { parseCursor } from '../../src/state/cursor.ts';
import type { LogEvent } from '../../src/state/log.ts';
import type { Update } from '../../src/state/update.ts';
import { FakeViewer } from '../fake-viewer.ts';

/** The topic of all log models. */
export const TOPIC = 'video:v1';

/** The regions whose stores write logs. */
export const REGIONS = ['eu', 'us'] as const;

export type Region = (typeof REGIONS)[number];

/** The position of a reader in the log of a region. */
interface Known {
	readonly epoch: number;
	readonly offset: number;
	readonly region: Region;
}

/** A model of the logs in the stores of regions. */
export class LogsModel {
	readonly epochs: Record<Region, number> = { eu: 1, us: 1 };
	readonly events: Record<Region, LogEvent[]> = { eu: [], us: [] };
	#next = 0;
	#order = 0;

	say(region: Region): LogEvent {
		return this.#add(region, { id: `c${++this.#next}`, kind: 'comment', data: { text: `${region} ${this.#next}` } });
	}

	/** Deletes a comment. `by` is the region whose log gets the deletion. */
	delete(region: Region, offset: number, by = region): LogEvent | undefined {
		const event = this.events[region][offset - 1];
		if (event?.kind !== 'comment') return undefined;
		this.events[region][offset - 1] = { ...event, kind: 'erased', data: {} };
		const { id: comment, user } = event;
		const data = { comment, user, region, epoch: this.epochs[region], offset };
		return this.#add(by, { id: comment, kind: 'comment-deleted', data });
	}

	restore(region: Region, length: number): void {
		this.epochs[region]++;
		this.events[region].length = Math.min(length, this.events[region].length);
	}

	/** Returns the update of a commit: the head of the log, and some events. */
	update(region: Region, events: readonly LogEvent[]): Update {
		const log = events.length === 0 ? undefined : { [region]: { epoch: this.epochs[region], events } };
		return { rows: this.rows(region), complete: false, sample: [], at: 0, log };
	}

	rows(...regions: readonly Region[]): Update['rows'] {
		return Object.fromEntries(
			regions.map((region) => {
				return [region, { epoch: this.epochs[region], counts: {}, logHead: this.events[region].length }];
			}),
		);
	}

	all(): Update {
		return { rows: this.rows(...REGIONS), complete: true, sample: [], at: 0 };
	}

	answer({ fetch }: TopicFetch, limit = fetch.limit) {
		const region = fetch.region as Region;
		const events = this.events[region].slice(fetch.after, fetch.after + Math.min(limit, fetch.limit));
		return { epoch: this.epochs[region], events, head: this.events[region].length };
	}

	#add(region: Region, event: Pick<LogEvent, 'id' | 'kind' | 'data'>): LogEvent {
		const added = { ...event, offset: this.events[region].length + 1, user: 'ann', at: 1, order: ++this.#order };
		this.events[region].push(added);
		return added;
	}
}

/** A model of one user over all connections, which checks that no event is missing without a gap. */
export class ReaderModel {
	/** The position of the reader in each region; missing before the first cursor. */
	readonly known = new Map<Region, Known>();
	readonly shown: string[] = [];
	viewer: FakeViewer | undefined;
	cursor: string | undefined;
	gaps: string[] = [];
	readonly #logs: LogsModel;
	#read = 0;

	constructor(logs: LogsModel) {
		this.#logs = logs;
	}

	come(hub: Hub, now: number, name: string): void {
		this.viewer = new FakeViewer(hub, name, { now });
		this.#read = 0;
		const cursor = this.cursor === undefined ? undefined : parseCursor(this.cursor);
		hub.subscribe(this.viewer.connection, TOPIC, now, cursor && { from: cursor.positions });
	}

	/** Sets the positions at which the reader begins, or continues after a gap. */
	begin(cursor = ''): void {
		const positions = parseCursor(cursor)?.positions;
		for (const region of REGIONS) {
			const position = positions?.get(region);
			expect(position).toBeDefined();
			if (position !== undefined) this.known.set(region, { region, ...position });
		}
	}

	read(): void {
		const events = this.viewer?.events ?? [];
		for (const event of events.slice(this.#read)) {
			if (event.id !== undefined) this.cursor = event.id;
			if (event.name === 'gap') this.gaps.push(event.data.reason);
			if (event.name === 'gap' || event.name === 'cursor') this.begin(event.id);
			if (event.name === 'comment') {
				const [region] = event.data.text.split(' ') as [Region];
				this.#see(region, event.data.id, 'comment');
				this.shown.push(event.data.id);
			}
			if (event.name === 'comment-deleted') {
				const region = REGIONS.find((one) => this.#logs.events[one].some(({ id }) => id === event.data.id));
				if (region !== undefined) this.#see(region, event.data.id, 'comment-deleted');
			}
		}
		this.#read = events.length;
	}

	/** Throws if an undeleted event is missing. */
	checkEnd(): void {
		for (const region of REGIONS) {
			const known = this.known.get(region);
			const { epochs, events } = this.#logs;
			// A reader without events from before the restore needs no gap.
			if (known === undefined || known.offset > 0) expect([region, known?.epoch]).toEqual([region, epochs[region]]);
			expect(events[region].slice(known?.offset).filter(({ kind }) => kind !== 'erased')).toEqual([]);
		}
	}

	#see(region: Region, id: string, kind: LogEvent['kind']): void {
		const events = this.#logs.events[region];
		const isDeletion = kind === 'comment-deleted';
		const event = events.find((one) => one.id === id && (one.kind === 'comment-deleted') === isDeletion);
		const known = this.known.get(region);
		// An event that a restored store does not have any more has no place in the order.
		if (event === undefined) return;
		const { offset } = event;
		const epoch = this.#logs.epochs[region];
		if (known !== undefined && known.epoch === epoch && offset !== known.offset + 1) {
			const between = events.slice(known.offset, offset - 1);
			expect(offset).toBeGreaterThan(known.offset);
			expect(between.filter((one) => one.kind !== 'erased')).toEqual([]);
		}
		this.known.set(region, { region, epoch, offset });
	}
}
