import { Connection, type StreamSocket } from '../../src/frontend/connections/connection.ts';
import type { World } from '../node/environment.ts';
import type { Node } from '../node/node.ts';

/** Who lost the connection comes back after so long at the most, in milliseconds. */
const BACKOFF_MS = 1_500;

/** A frontend notices so late at the most that a device is gone, in milliseconds. */
const NOTICE_MS = 2_000;

/** Which of its devices somebody has on which frontend. */
interface Device {
	readonly user: string;
	seat: { readonly node: Node; readonly connection: Connection } | undefined;
}

export interface PeopleOptions {
	readonly world: World;
	/** Each with so many devices. */
	readonly devices: ReadonlyMap<string, number>;
	/** Somebody who was not heard of for so long is gone, in milliseconds. */
	readonly goneMs: number;
	/** Until then devices come and go, in milliseconds; after that they stay where they are. */
	readonly whimsUntil: number;
}

/** People whose devices come, go, drop and come back, soon or late; and what was said and heard of them. */
export class People {
	readonly #options: PeopleOptions;
	readonly #devices: readonly Device[];
	readonly #sentAt = new Map<string, number>();
	/** When each was heard of, the newest last. */
	readonly #heardAt = new Map<string, number[]>();

	constructor(options: PeopleOptions) {
		const { world, devices, whimsUntil } = options;
		this.#options = options;
		this.#devices = [...devices].flatMap(([user, count]) =>
			Array.from({ length: count }, (): Device => ({ user, seat: undefined })),
		);
		for (const device of this.#devices) {
			if (world.random.chance(0.8)) this.#comeAfter(device, world.random.next() * whimsUntil * 0.3);
		}
	}

	/** Whether some device of somebody is connected. */
	isThere(user: string): boolean {
		return this.#devices.some((device) => device.user === user && device.seat !== undefined);
	}

	onHeartbeat(users: readonly string[], what: 'sent' | 'heard'): void {
		const { now } = this.#options.world.timeline;
		for (const user of users) {
			if (what === 'sent') this.#sentAt.set(user, now);
			else this.#heardAt.set(user, [...(this.#heardAt.get(user) ?? []).slice(-100), now]);
		}
	}

	/** When a frontend last said that somebody is there; undefined when none did. */
	lastSaidAt(user: string): number | undefined {
		return this.#sentAt.get(user);
	}

	/** Since when somebody was heard of again and again, with pauses of so many milliseconds at the most; now when not. */
	heardSince(user: string, mostMs: number): number {
		let since = this.#options.world.timeline.now;
		for (const at of (this.#heardAt.get(user) ?? []).toReversed()) {
			if (since - at > mostMs) break;
			since = at;
		}
		return since;
	}

	/** A node is dead: its devices notice, and come back elsewhere. */
	lost(node: Node): void {
		for (const device of this.#devices) if (device.seat?.node === node) this.#comeBack(device);
	}

	#comeAfter(device: Device, afterMs: number): void {
		this.#options.world.timeline.after(afterMs, () => this.#come(device));
	}

	#come(device: Device): void {
		const { world, goneMs, whimsUntil } = this.#options;
		const { timeline, random, nodes } = world;
		if (device.seat !== undefined) return;
		const open = [...nodes.values()].filter(({ frontend, process, leaving }) => frontend && process.runs && !leaving);
		if (open.length === 0) {
			this.#comeAfter(device, random.next() * BACKOFF_MS);
			return;
		}
		const node = random.pick(open);
		const { now } = timeline;
		const socket: StreamSocket = { write: () => true, end: () => this.#comeBack(device), close: () => undefined };
		const connection = new Connection({
			id: `d${random.uuid()}`,
			user: device.user,
			socket,
			now,
			endsAt: Number.POSITIVE_INFINITY,
		});
		device.seat = { node, connection };
		world.counts.add('devices that came');
		node.frontend?.hub.connect(connection);
		const stayMs = random.next() * random.pick([2_000, goneMs, 4 * goneMs]);
		timeline.after(stayMs, () => {
			if (timeline.now > whimsUntil || device.seat?.connection !== connection) return;
			this.#leave(device);
			const awayMs = random.next() * random.pick([500, goneMs / 2, 3 * goneMs]);
			// Who is away then, stays away.
			if (timeline.now + awayMs < whimsUntil) this.#comeAfter(device, awayMs);
		});
	}

	#comeBack(device: Device): void {
		this.#leave(device);
		this.#comeAfter(device, this.#options.world.random.next() * BACKOFF_MS);
	}

	#leave(device: Device): void {
		const { seat } = device;
		if (seat === undefined) return;
		device.seat = undefined;
		const { node, connection } = seat;
		const { random } = this.#options.world;
		const noticedMs = random.chance(0.5) ? 0 : random.next() * NOTICE_MS;
		node.process.after(noticedMs, () => node.frontend?.hub.disconnect(connection, node.process.now));
	}
}
