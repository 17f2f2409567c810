import { NodeClock, RAISE_MS, START_MS } from '../../src/ingest/signal-clock.ts';
import { type CustomSignal, customUpdates, type TypingSignal, typingUpdates } from '../../src/ingest/signal-updates.ts';
import type { World } from './environment.ts';
import { type Node, wallTimeAt } from './node.ts';
import { askStore } from './store-access.ts';

/** A signal that a Likes node is asked to take. */
export type Signal = ({ readonly kind: 'typing' } & TypingSignal) | ({ readonly kind: 'custom' } & CustomSignal);

/** The signals of a Likes node on virtual time: `createSignals` and `createSignalClock` without promises. */
export class SignalsRole {
	readonly #world: World;
	readonly #node: Node;
	readonly #clockErrorMs: () => number;
	readonly #clock = new NodeClock();
	#isStarted = false;

	/** `clockErrorMs`: what the clock of the machine is off by now. */
	constructor(world: World, node: Node, clockErrorMs: () => number) {
		this.#world = world;
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

	/** Whether it takes signals: it has started, runs, and does not stop. */
	get isOpen(): boolean {
		return this.#isStarted && this.#node.process.runs && !this.#node.leaving && this.#node.likes?.closing === false;
	}

	take(signal: Signal): void {
		const { process } = this.#node;
		const at = this.#wallTime;
		const origin = { region: this.#world.region, order: this.#clock.next(at, process.now), at };
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
			this.#world,
			this.#node,
			(store) => ({ at: store.raiseClock(to), wallTime: wallTimeAt(process.now) }),
			(known) => {
				if (known !== undefined) this.#clock.learn(known, askedAt, process.now, isStart);
				this.#isStarted ||= known !== undefined;
			},
		);
	}
}
