import { type StreamEvents, TYPING_MS } from '@likewire/protocol';
import { Connection, type StreamSocket } from '../../src/frontend/connections/connection.ts';
import { Violation, type World } from '../node/environment.ts';
import type { Node } from '../node/node.ts';
import { type Accepted, comesAfter, type Register, SIGNALLED, type Signallers } from './signallers.ts';

/** The longest time before a viewer that lost its connection comes back, in milliseconds. */
const BACKOFF_MS = 1_500;

/** The longest time by which a frontend ends typing late, in milliseconds: until its next tick. */
const END_MS = 1_000;

const decoder = new TextDecoder();

/** A connection of a viewer, and what the frontend sent on it. */
export interface SignalSeat {
	readonly name: string;
	readonly node: Node;
	readonly since: number;
	/** The users that type, and when the frontend last sent that. */
	readonly typing: Map<string, number>;
	/** The number of the newest signal of each name. */
	readonly custom: Map<string, number>;
	/** The users of which the frontend sent anything. */
	readonly sent: Set<string>;
}

/** The viewers of a region that follow signals; a viewer that loses its connection comes back. */
export class SignalWatchers {
	readonly #world: World;
	readonly #signallers: Signallers;
	readonly #seats = new Set<SignalSeat>();
	#connections = 0;

	constructor(world: World, signallers: Signallers) {
		this.#world = world;
		this.#signallers = signallers;
	}

	get seats(): Iterable<SignalSeat> {
		return this.#seats;
	}

	get connections(): number {
		return this.#connections;
	}

	come(afterMs: number): void {
		this.#world.timeline.after(afterMs, () => this.#sit());
	}

	/** A node is dead. */
	lost(node: Node): void {
		for (const seat of [...this.#seats]) {
			if (seat.node !== node) continue;
			this.#seats.delete(seat);
			this.come(this.#world.random.next() * BACKOFF_MS);
		}
	}

	/** A viewer that sees a user type for longer than typing lasts; undefined when there is none. */
	overdue(): string | undefined {
		const { now } = this.#world.timeline;
		for (const { name, node, typing } of this.#seats) {
			if (!node.process.runs || node.leaving) continue;
			for (const [user, at] of typing) {
				const since = Math.max(at, node.process.runsSince);
				if (now - since > TYPING_MS + END_MS) return `${name}: ${user} types for ${Math.round(now - since)} ms`;
			}
		}
		return undefined;
	}

	#sit(): void {
		const { timeline, random, nodes, region } = this.#world;
		const open = [...nodes.values()].filter(({ frontend, process, leaving }) => frontend && process.runs && !leaving);
		if (open.length === 0) {
			this.come(random.next() * BACKOFF_MS);
			return;
		}
		const node = random.pick(open);
		const { now } = timeline;
		const seat: SignalSeat = {
			name: `${region}, signals ${++this.#connections} at ${node.name}`,
			node,
			since: now,
			typing: new Map(),
			custom: new Map(),
			sent: new Set(),
		};
		const socket: StreamSocket = {
			write: (bytes) => {
				if (this.#seats.has(seat)) this.#read(seat, bytes);
				return true;
			},
			end: () => {
				if (!this.#seats.delete(seat)) return;
				this.come(random.next() * BACKOFF_MS);
			},
			close: () => undefined,
		};
		this.#seats.add(seat);
		const id = `s${region}${this.#connections}`;
		const connection = new Connection({ id, user: undefined, socket, now, endsAt: Number.POSITIVE_INFINITY });
		node.frontend?.hub.connect(connection);
		node.frontend?.hub.subscribe(connection, SIGNALLED, now);
		node.frontend?.wake();
	}

	#read(seat: SignalSeat, bytes: Uint8Array): void {
		const { now } = this.#world.timeline;
		for (const [, event, text = ''] of decoder.decode(bytes).matchAll(/event: (typing|custom)\ndata: (.*)\n\n/g)) {
			if (event === 'typing') {
				const { user, typing } = JSON.parse(text) as StreamEvents['typing'];
				seat.sent.add(user);
				if (typing) seat.typing.set(user, now);
				else seat.typing.delete(user);
				continue;
			}
			const { name, data } = JSON.parse(text) as { readonly name: string; readonly data: { readonly number: number } };
			this.#checkOrder(seat, name, data.number);
			seat.sent.add(name);
			seat.custom.set(name, data.number);
		}
	}

	/** Throws when a signal comes after one that all nodes order after it. */
	#checkOrder(seat: SignalSeat, name: string, number: number): void {
		const register = this.#signallers.registers.find((one) => one.name === name) as Register;
		const last = this.#signallers.find(register, seat.custom.get(name) ?? 0);
		const next = this.#signallers.find(register, number) as Accepted;
		if (last === undefined || last.at < next.at || !comesAfter(last, next)) return;
		throw new Violation(`${seat.name}: signal ${next.number} of ${name} comes after signal ${last.number}`);
	}
}
