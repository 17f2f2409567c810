import { Connection, type StreamSocket } from '../../src/frontend/connections/connection.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { Node } from '../node/node.ts';

/** The longest time before a device that lost its connection comes back, in milliseconds. */
const BACKOFF_MS = 1_500;

/** The longest time in which a frontend notices that a device is gone, in milliseconds. */
const NOTICE_MS = 2_000;

/** A device of a user, and its connection to a frontend. */
interface Device {
	readonly user: string;
	session: { readonly node: Node; readonly connection: Connection } | undefined;
}

export interface UsersOptions {
	readonly environment: ClusterEnvironment;
	/** The number of devices of each user. */
	readonly devices: ReadonlyMap<string, number>;
	/** A user is offline once no heartbeat arrived for this time, in milliseconds. */
	readonly goneMs: number;
	/** Until then devices come and go, in milliseconds; after that they stay where they are. */
	readonly activeUntil: number;
}

/**
 * Users whose devices connect, leave, drop and come back, with the heartbeats that frontends sent and
 * owners received.
 */
export class Users {
	readonly #options: UsersOptions;
	readonly #devices: readonly Device[];
	readonly #sentAt = new Map<string, number>();
	/** When an owner received heartbeats of each user, the newest last. */
	readonly #receivedAt = new Map<string, number[]>();

	constructor(options: UsersOptions) {
		const { environment, devices, activeUntil } = options;
		this.#options = options;
		this.#devices = [...devices].flatMap(([user, count]) =>
			Array.from({ length: count }, (): Device => ({ user, session: undefined })),
		);
		for (const device of this.#devices) {
			if (environment.random.chance(0.8)) this.#comeAfter(device, environment.random.next() * activeUntil * 0.3);
		}
	}

	/** Returns whether a device of a user is connected. */
	isOnline(user: string): boolean {
		return this.#devices.some((device) => device.user === user && device.session !== undefined);
	}

	onHeartbeat(users: readonly string[], what: 'sent' | 'received'): void {
		const { now } = this.#options.environment.clock;
		for (const user of users) {
			if (what === 'sent') this.#sentAt.set(user, now);
			else this.#receivedAt.set(user, [...(this.#receivedAt.get(user) ?? []).slice(-100), now]);
		}
	}

	/** Returns when a frontend last sent a heartbeat of a user; undefined when none did. */
	lastSentAt(user: string): number | undefined {
		return this.#sentAt.get(user);
	}

	/**
	 * Returns since when an owner receives heartbeats with pauses of at most `maxMs`; now when it does
	 * not.
	 */
	receivedSince(user: string, maxMs: number): number {
		let since = this.#options.environment.clock.now;
		for (const at of (this.#receivedAt.get(user) ?? []).toReversed()) {
			if (since - at > maxMs) break;
			since = at;
		}
		return since;
	}

	/** Takes the death of a node: its devices notice, and come back at another node. */
	lost(node: Node): void {
		for (const device of this.#devices) if (device.session?.node === node) this.#comeBack(device);
	}

	#comeAfter(device: Device, afterMs: number): void {
		this.#options.environment.clock.after(afterMs, () => this.#come(device));
	}

	#come(device: Device): void {
		const { environment, goneMs, activeUntil } = this.#options;
		const { clock, random, nodes } = environment;
		if (device.session !== undefined) return;
		const open = [...nodes.values()].filter(({ frontend, isOpen }) => frontend && isOpen);
		if (open.length === 0) {
			this.#comeAfter(device, random.next() * BACKOFF_MS);
			return;
		}
		const node = random.pick(open);
		const { now } = clock;
		const socket: StreamSocket = { write: () => true, end: () => this.#comeBack(device), close: () => undefined };
		const connection = new Connection({
			id: `d${random.uuid()}`,
			user: device.user,
			socket,
			now,
			endsAt: Number.POSITIVE_INFINITY,
		});
		device.session = { node, connection };
		environment.counts.add('devices that came');
		node.frontend?.hub.connect(connection, now);
		const stayMs = random.next() * random.pick([2_000, goneMs, 4 * goneMs]);
		clock.after(stayMs, () => {
			if (clock.now > activeUntil || device.session?.connection !== connection) return;
			this.#leave(device);
			const awayMs = random.next() * random.pick([500, goneMs / 2, 3 * goneMs]);
			// A device that is away at that time stays away.
			if (clock.now + awayMs < activeUntil) this.#comeAfter(device, awayMs);
		});
	}

	#comeBack(device: Device): void {
		this.#leave(device);
		this.#comeAfter(device, this.#options.environment.random.next() * BACKOFF_MS);
	}

	#leave(device: Device): void {
		const { session } = device;
		if (session === undefined) return;
		device.session = undefined;
		const { node, connection } = session;
		const { random } = this.#options.environment;
		const noticedMs = random.chance(0.5) ? 0 : random.next() * NOTICE_MS;
		node.process.after(noticedMs, () => node.frontend?.hub.disconnect(connection, node.process.now));
	}
}
