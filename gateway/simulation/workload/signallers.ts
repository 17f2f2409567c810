import { idOf, topicOf } from '../../src/state/topics/topic.ts';
import type { Clock } from '../engine/clock.ts';
import type { Random } from '../engine/random.ts';
import type { Node } from '../node/node.ts';

/** The topic on which users type and servers publish; only signals flow on it. */
export const SIGNALLED = topicOf('conversation', 'c2');

/** The pause before a client that finds no node sends again, in milliseconds. */
const RETRY_MS = 150;

/**
 * All nodes of a region agree on the order of two signals that are further apart, in milliseconds: a
 * node that starts while the clock in the store is ahead of the time begins 2 s above it.
 */
export const AGREED_MS = 3_500;

/** The register that a signal sets; of each register the newest signal counts. */
export interface Register {
	readonly kind: 'typing' | 'custom';
	readonly region: string;
	/** The user, or the name of the signal; no other region has it. */
	readonly name: string;
}

/** A signal that a node took. */
export interface Accepted {
	readonly register: Register;
	/** The number of the signal, which no other signal has. */
	readonly number: number;
	/** Whether the user types; undefined of other signals. */
	readonly typing: boolean | undefined;
	readonly at: number;
	readonly node: Node;
}

export interface SignallersOptions {
	readonly clock: Clock;
	readonly random: Random;
	readonly regions: readonly string[];
	/** Returns a node of a region that takes signals; undefined when none does. */
	readonly nodeIn: (region: string) => Node | undefined;
	readonly onAccepted: (accepted: Accepted) => void;
}

/**
 * Users that type and servers that publish signals, in every region: each sends again until a node
 * takes the signal.
 */
export class Signallers {
	readonly registers: readonly Register[];
	/** The time at which the last client first sends, in milliseconds. */
	lastAt = 0;
	readonly #options: SignallersOptions;
	/** The signals of each register, in the order in which nodes took them. */
	readonly #accepted = new Map<Register, Accepted[]>();
	#count = 0;
	#waiting = 0;

	constructor(options: SignallersOptions) {
		this.#options = options;
		this.registers = options.regions.flatMap((region): Register[] => [
			{ kind: 'typing', region, name: `user-of-${region}` },
			{ kind: 'custom', region, name: `name-of-${region}` },
		]);
	}

	get allAnswered(): boolean {
		return this.#waiting === 0;
	}

	/** Plans a signal of a random register. */
	plan(time: number): void {
		const { clock, random } = this.#options;
		this.lastAt = Math.max(this.lastAt, time);
		const register = random.pick(this.registers);
		clock.at(time, () => this.send(register, random.chance(0.6)));
	}

	/** Sends a signal of a register now; `typing` counts where a user types. */
	send(register: Register, typing: boolean): void {
		const { clock, nodeIn, onAccepted } = this.#options;
		this.#waiting++;
		const number = ++this.#count;
		const attempt = () => {
			const node = nodeIn(register.region);
			const signals = node?.signals;
			if (node === undefined || signals === undefined) {
				clock.after(RETRY_MS, attempt);
				return;
			}
			this.#waiting--;
			const { kind, name } = register;
			if (kind === 'typing') signals.typing(idOf(SIGNALLED), name, typing);
			else signals.custom({ topic: SIGNALLED, id: `signal-${number}`, name, data: { number } });
			const accepted = {
				register,
				number,
				typing: kind === 'typing' ? typing : undefined,
				at: clock.now,
				node,
			};
			this.#accepted.set(register, [...this.#of(register), accepted]);
			onAccepted(accepted);
		};
		attempt();
	}

	/** Returns the signal of a register that a node took last. */
	newest(register: Register): Accepted | undefined {
		return this.#of(register).at(-1);
	}

	/** Returns the signal with a number. */
	find(register: Register, number: number): Accepted | undefined {
		return this.#of(register).find((one) => one.number === number);
	}

	/** Returns whether all nodes order a signal after those that nodes took before it. */
	isAgreed(signal: Accepted): boolean {
		const all = this.#of(signal.register);
		return all.slice(0, all.indexOf(signal)).every((before) => comesAfter(signal, before));
	}

	#of(register: Register): readonly Accepted[] {
		return this.#accepted.get(register) ?? [];
	}
}

/** Returns whether all nodes must order one signal after another. */
export function comesAfter(signal: Accepted, before: Accepted): boolean {
	return signal.node === before.node || signal.at - before.at > AGREED_MS;
}
