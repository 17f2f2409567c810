import { type StreamEvents, TYPING_MS } from '@likewire/protocol';
import { Connection, type StreamSocket } from '../../src/frontend/connections/connection.ts';
import { Violation } from '../engine/violation.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { Node } from '../node/node.ts';
import { type Accepted, comesAfter, type Register, SIGNALLED, type Signallers } from './signallers.ts';

/** The longest time before a viewer that lost its connection comes back, in milliseconds. */
const BACKOFF_MS = 1_500;

/** The longest time by which a frontend ends typing late, in milliseconds: until its next tick. */
const END_MS = 1_000;

const decoder = new TextDecoder();

/** A connection of a viewer, and the signals that the frontend sent on it. */
export interface SignalSession {
	readonly name: string;
	readonly node: Node;
	readonly since: number;
	/** The users that type, and when the frontend last sent that. */
	readonly typing: Map<string, number>;
	/** The number of the newest signal of each name. */
	readonly custom: Map<string, number>;
	/** The users and the names of which the frontend sent a signal. */
	readonly sent: Set<string>;
}

/** The viewers of a region that follow signals; a viewer that loses its connection comes back. */
export class SignalWatchers {
	readonly #environment: ClusterEnvironment;
	readonly #signallers: Signallers;
	readonly #sessions = new Set<SignalSession>();
	#connections = 0;

	constructor(environment: ClusterEnvironment, signallers: Signallers) {
		this.#environment = environment;
		this.#signallers = signallers;
	}

	get sessions(): Iterable<SignalSession> {
		return this.#sessions;
	}

	get connections(): number {
		return this.#connections;
	}

	come(afterMs: number): void {
		this.#environment.clock.after(afterMs, () => this.#connect());
	}

	/** Takes the death of a node. */
	lost(node: Node): void {
		for (const session of [...this.#sessions]) {
			if (session.node !== node) continue;
			this.#sessions.delete(session);
			this.come(this.#environment.random.next() * BACKOFF_MS);
		}
	}

	/** Returns a viewer that sees a user type for longer than typing lasts; undefined when none does. */
	overdue(): string | undefined {
		const { now } = this.#environment.clock;
		for (const { name, node, typing } of this.#sessions) {
			if (!node.process.runs || node.leaving) continue;
			for (const [user, at] of typing) {
				const since = Math.max(at, node.process.runsSince);
				if (now - since > TYPING_MS + END_MS) return `${name}: ${user} types for ${Math.round(now - since)} ms`;
			}
		}
		return undefined;
	}

	#connect(): void {
		const { clock, random, nodes, region } = this.#environment;
		const open = [...nodes.values()].filter(({ frontend, isOpen }) => frontend && isOpen);
		if (open.length === 0) {
			this.come(random.next() * BACKOFF_MS);
			return;
		}
		const node = random.pick(open);
		const { now } = clock;
		const session: SignalSession = {
			name: `${region}, signals ${++this.#connections} at ${node.name}`,
			node,
			since: now,
			typing: new Map(),
			custom: new Map(),
			sent: new Set(),
		};
		const socket: StreamSocket = {
			write: (bytes) => {
				if (this.#sessions.has(session)) this.#read(session, bytes);
				return true;
			},
			end: () => {
				if (!this.#sessions.delete(session)) return;
				this.come(random.next() * BACKOFF_MS);
			},
			close: () => undefined,
		};
		this.#sessions.add(session);
		const id = `s${region}${this.#connections}`;
		const connection = new Connection({ id, user: undefined, socket, now, endsAt: Number.POSITIVE_INFINITY });
		node.frontend?.hub.connect(connection, now);
		node.frontend?.hub.subscribe(connection, SIGNALLED, now);
		node.wake();
	}

	#read(session: SignalSession, bytes: Uint8Array): void {
		const { now } = this.#environment.clock;
		for (const [, event, text = ''] of decoder.decode(bytes).matchAll(/event: (typing|custom)\ndata: (.*)\n\n/g)) {
			if (event === 'typing') {
				const { user, typing } = JSON.parse(text) as StreamEvents['typing'];
				session.sent.add(user);
				if (typing) session.typing.set(user, now);
				else session.typing.delete(user);
				continue;
			}
			const { name, data } = JSON.parse(text) as { readonly name: string; readonly data: { readonly number: number } };
			this.#checkOrder(session, name, data.number);
			session.sent.add(name);
			session.custom.set(name, data.number);
		}
	}

	/** Throws when a signal comes after one that all nodes order after it. */
	#checkOrder(session: SignalSession, name: string, number: number): void {
		const register = this.#signallers.registers.find((one) => one.name === name) as Register;
		const last = this.#signallers.find(register, session.custom.get(name) ?? 0);
		const next = this.#signallers.find(register, number) as Accepted;
		if (last === undefined || last.at < next.at || !comesAfter(last, next)) return;
		throw new Violation(`${session.name}: signal ${next.number} of ${name} comes after signal ${last.number}`);
	}
}
