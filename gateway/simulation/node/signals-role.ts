import { NodeClock, RAISE_MS, START_MS } from '../../src/ingest/signal-clock.ts';
import { type CustomSignal, customUpdates, type TypingSignal, typingUpdates } from '../../src/ingest/signal-updates.ts';
import { wallTimeAt } from '../engine/clock.ts';
import type { Environment } from './environment.ts';
import type { Node } from './node.ts';
import { askStore } from './store-access.ts';

/** A signal that a client sends to a Likes node. */
export type Signal = ({ readonly kind: 'typing' } & TypingSignal) | ({ readonly kind: 'custom' } & CustomSignal);

/**
 * The signals of a Likes node on virtual time: `createSignals` and `createSignalClock` without
 * promises.
 */
export class SignalsRole {
	readonly #environment: Environment;
	readonly #node: Node;
	readonly #clockErrorMs: () => number;
	readonly #clock = new NodeClock();
	#isStarted = false;

	/** `clockErrorMs` returns what the clock of the machine is off by. */
	constructor(environment: Environment, node: Node, clockErrorMs: () => number) {
		this.#environment = environment;
		this.#node = node;
		this.#clockErrorMs = clockErrorMs;
		const { process } = node;
		process.every(RAISE_MS, () => {
			this.#clock.turn();
			this.#raise();
		});
		process.after(START_MS, () => {
			this.#isStarted = true;
		});
		this.#raise(true);
	}

	/** Whether the node takes signals: it has started, runs, and is not leaving. */
	get isOpen(): boolean {
		return this.#isStarted && this.#node.process.runs && !this.#node.leaving && this.#node.likes?.closing === false;
	}

	take(signal: Signal): void {
		const { process } = this.#node;
		const at = this.#wallTime;
		const origin = { region: this.#environment.region, order: this.#clock.next(at, process.now), at };
		this.#raise();
		this.#node.publish(signal.kind === 'typing' ? typingUpdates(signal, origin) : customUpdates(signal, origin));
	}

	get #wallTime(): number {
		return this.#node.wallTime + this.#clockErrorMs();
	}

	#raise(isStart = false): void {
		const { process } = this.#node;
		const askedAt = process.now;
		const to = this.#clock.takeRaise(this.#wallTime, askedAt);
		if (to === undefined) return;
		askStore(
			this.#environment,
			this.#node,
			(store) => ({ at: store.raiseClock(to), wallTime: wallTimeAt(process.now) }),
			(known) => {
				if (known !== undefined) this.#clock.learn(known, askedAt, process.now, isStart);
				this.#isStarted ||= known !== undefined;
			},
		);
	}
}
