import type { Random } from '../engine/random.ts';
import type { ClusterEnvironment } from './cluster-environment.ts';
import type { Node } from './node.ts';
import { SignalsRole } from './signals-role.ts';

/** A node that takes signals. */
export interface SignalNode {
	readonly node: Node;
	readonly role: SignalsRole;
}

/** The nodes of a schedule that take signals, and the clocks of their machines. */
export class SignalNodes {
	readonly #random: Random;
	readonly #roles = new Map<Node, SignalsRole>();
	/** The time by which the clock of each machine is ahead, in milliseconds. */
	readonly #aheadMs = new Map<string, number>();

	constructor(random: Random) {
		this.#random = random;
	}

	/**
	 * Takes a node that starts. The clock of its machine is ahead by `aheadMs`, unless a node ran on it
	 * before.
	 */
	start(environment: ClusterEnvironment, node: Node, aheadMs: number): void {
		const { name, likes } = node;
		if (!this.#aheadMs.has(name)) this.#aheadMs.set(name, aheadMs);
		if (likes !== undefined)
			this.#roles.set(node, new SignalsRole(environment, node, () => this.#aheadMs.get(name) ?? 0));
	}

	/** Sets the clocks of machines back. */
	setBack(names: readonly string[], byMs: number): void {
		for (const name of names) this.#aheadMs.set(name, (this.#aheadMs.get(name) ?? 0) - byMs);
	}

	/** Picks a node of a region that takes signals; undefined when none does. */
	pick({ nodes }: ClusterEnvironment): SignalNode | undefined {
		const open = [...nodes.values()].flatMap((node) => {
			const role = this.#roles.get(node);
			return role?.isOpen ? [{ node, role }] : [];
		});
		return open.length === 0 ? undefined : this.#random.pick(open);
	}
}
