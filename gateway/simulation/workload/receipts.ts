import type { Register } from '../../src/state/kinds/register.ts';
import type { Timeline } from '../engine/clock.ts';
import type { Random } from '../engine/random.ts';
import type { World } from '../node/environment.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import { Insistence } from './retrying-client.ts';

/** Nobody follows it: what a region knows of it comes from the exchange alone. */
const CONVERSATION = 'conversation:c1';

/** A value that is to be stored. */
export interface KeepCommand {
	readonly topic: string;
	/** Without the region, which is that of the node that takes it. */
	readonly kind: string;
	readonly key: string;
	readonly order: number;
	readonly value: string;
}

export interface ReceiptsOptions {
	readonly timeline: Timeline;
	readonly random: Random;
	readonly send: (command: KeepCommand, route: string, answer: (kept: true) => void) => void;
}

/** The receipts that a store has, by user. */
export function receiptsIn(store: SimulatedStore): [key: string, receipt: Register][] {
	return Object.entries(store.values([CONVERSATION]).get(CONVERSATION)?.receipt ?? {});
}

/** Users who read a conversation: the store of every region has to have, of each, the last message that was read. */
export class Receipts {
	readonly #options: ReceiptsOptions;
	readonly #insistence: Insistence<KeepCommand, true>;
	readonly #newest = new Map<string, number>();
	#messages = 0;

	constructor(options: ReceiptsOptions) {
		this.#options = options;
		this.#insistence = new Insistence(options.timeline, (command, answer) =>
			options.send(command, `${command.key} ${command.order}`, answer),
		);
	}

	get allAnswered(): boolean {
		return this.#insistence.allAnswered;
	}

	/** Some user reads the newest message at some time. */
	plan(time: number): void {
		const { timeline, random } = this.#options;
		timeline.at(time, () => {
			const key = `read:user-${random.integer(1, 3)}`;
			const order = ++this.#messages;
			this.#newest.set(key, order);
			this.#insistence.insist(
				{ topic: CONVERSATION, kind: 'receipt', key, order, value: `message-${order}` },
				() => undefined,
			);
		});
	}

	/** A receipt that the store of a region lacks, or has an older one of; undefined when it has all. */
	missingIn({ region, store }: World): string | undefined {
		const known = new Map(receiptsIn(store));
		for (const [key, order] of this.#newest) {
			const has = known.get(key)?.order;
			if (has !== order) return `${region} has receipt ${has ?? 'none'} of ${key}, and ${order} is the newest`;
		}
		return undefined;
	}
}
